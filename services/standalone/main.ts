import { awaitCalls } from './await-calls.ts';
import { serviceNames } from './service.ts';
import { startStack } from './stack.ts';

/** Everything on one machine, in the foreground, until Ctrl-C or SIGTERM. */
async function main(): Promise<void> {
  const say = (message: string) => console.log(message);
  const asked = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      asked.resolve(signal);
    });
  }
  say('Starting Clearline …');
  const stack = await startStack({
    log: say,
    patient: true,
    // Asterisk keeps a log of its own in the data folder, and Redis has nothing to tell while it runs.
    output: (program, line) => serviceNames.some((name) => name === program) && console.log(line),
  });
  const { config } = stack;
  const missing = serviceNames.filter((name) => !stack.service(name)?.pid);
  say(
    [
      '',
      'Clearline is running.',
      config.asterisk.url
        ? `  Asterisk   yours, at ${config.asterisk.url}`
        : `  SIP        ${config.sip.bind}:${config.sip.port} (UDP and TCP), audio on UDP ${config.sip.rtpFrom}–${config.sip.rtpTo}`,
      `  Data       ${config.paths.data}`,
      '  Lines      ./clearline lines import lines.csv    (./clearline lines --help shows the columns)',
      '  Calls      ./clearline calls',
      `  Watch      http://${config.watch.host}:${config.watch.interceptorPort}/readyz, and /metrics (docs/watching.md)`,
      ...missing.map((name) => `  Not up     the ${name}, which is tried again; Asterisk answers calls meanwhile`),
      'Ctrl-C stops all of it.',
      '',
    ].join('\n'),
  );
  await asked.promise;
  const insisted = listenForImpatience();
  if (stack.asterisk) await awaitCalls(stack.asterisk.cli, config.stop, say, insisted);
  say('Stopping: ending calls, then every program …');
  await stack.stop();
  say('Stopped. Nothing is left running.');
}

/**
 * Aborts at a second Ctrl-C, when calls are not waited for any more; a third ends this process at once, and the kernel then ends
 * its programs. npm passes each on, so that it comes twice.
 */
function listenForImpatience(): AbortSignal {
  const insisted = new AbortController();
  let since = Date.now();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (Date.now() - since < 1000) return;
      since = Date.now();
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
