import { once } from 'node:events';
import { awaitCalls } from './await-calls.ts';
import { serviceNames, servicesOf } from './service.ts';
import { type Stack, startStack } from './stack.ts';

/** Everything on one machine, in the foreground, until Ctrl-C or SIGTERM. */
async function main(): Promise<void> {
  const say = (message: string) => console.log(message);
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort());
  const insisted = once(asked.signal, 'abort').then(listenForImpatience);
  say('Starting Clearline …');
  const stack = await startStack({
    log: say,
    patient: true,
    hurry: asked.signal,
    // Asterisk keeps a log of its own in the data folder, and Redis has nothing to tell while it runs.
    output: (program, line) => serviceNames.some((name) => name === program) && console.log(line),
  });
  if (!asked.signal.aborted) say(whereItIs(stack));
  const impatience = await insisted;
  if (stack.asterisk) await awaitCalls(stack.asterisk.cli, stack.config.stop, say, impatience);
  say('Stopping: ending calls, then every program …');
  await stack.stop();
  say('Stopped. Nothing is left running.');
}

/** What whoever started it wants to know first. */
function whereItIs(stack: Stack): string {
  const { config, service } = stack;
  const missing = servicesOf(config).filter((name) => !service(name)?.pid);
  return [
    '',
    'Clearline is running.',
    config.asterisk.url
      ? `  Asterisk   yours, at ${config.asterisk.url}`
      : `  SIP        ${config.sip.bind}:${config.sip.port} (UDP and TCP), audio on UDP ${config.sip.rtpFrom}–${config.sip.rtpTo}`,
    `  Data       ${config.paths.data}`,
    '  Lines      ./clearline lines import lines.csv    (./clearline lines import --help shows the columns)',
    '  Calls      ./clearline calls',
    ...(config.console.enabled
      ? [
          `  Console    ${config.console.url ?? `http://${config.console.host}:${config.console.port}`}    (./clearline accounts add NAME)`,
        ]
      : []),
    `  Watch      http://${config.watch.host}:${config.watch.interceptorPort}/readyz, and /metrics (docs/watching.md)`,
    ...missing.map((name) => `  Not up     the ${name}, which is tried again; Asterisk answers calls meanwhile`),
    'Ctrl-C stops all of it.',
    '',
  ].join('\n');
}

/**
 * Aborts at a second Ctrl-C, when calls are not waited for any more; a third ends this process at once, and the kernel then ends
 * its programs. npm passes each on, so that it comes twice.
 */
function listenForImpatience(): AbortSignal {
  const insisted = new AbortController();
  let since = performance.now();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (performance.now() - since < 1000) return;
      since = performance.now();
      if (insisted.signal.aborted) process.exit(130);
      insisted.abort();
    });
  }
  return insisted.signal;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
