import { randomInt } from 'node:crypto';
import { openAlertQueue } from '../adapters/alert-queue.ts';
import { openAmi } from '../adapters/ami.ts';
import { connectAri } from '../adapters/ari.ts';
import { AriHttp } from '../adapters/ari-http.ts';
import { consumeCallBacks, openCallBackQueue } from '../adapters/call-back-queue.ts';
import { openEars } from '../adapters/ears.ts';
import { listenHep } from '../adapters/hep.ts';
import { openCallQueue } from '../adapters/queues.ts';
import { connectRedis } from '../adapters/redis.ts';
import { openSpool } from '../adapters/spool.ts';
import { openStore } from '../adapters/sql/store.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { numberRules } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import { createLog, type Log } from '../log.ts';
import { keepPulse, tellReady } from '../parent.ts';
import { hepPassword, readSecrets } from '../secrets.ts';
import { awaitReleases } from './await-release.ts';
import { CallBacks } from './call-backs.ts';
import { calmAlerts } from './calm-alerts.ts';
import { joinExchange } from './exchange.ts';
import { HoldBook } from './hold-book.ts';
import { keepLinesLoaded } from './keep-lines.ts';
import { LoadedLines } from './line-book.ts';
import { openListening } from './listen.ts';
import { holdMender } from './mend-holds.ts';
import { letWaitingGo, takeOverLeftCalls } from './reconcile.ts';
import { Releases } from './releases.ts';
import { CallRunner } from './run-calls.ts';
import type { RunnerOptions } from './runner-options.ts';

/**
 * Answers the calls. It takes the application `clearline` only when it knows the lines and their holds; until then, and
 * whenever it is gone, the dialplan's fallback answers. Tells its parent that it is ready once calls reach it, and then
 * that it lives: were it to hang, Asterisk would go on sending it every call.
 */

/** How long the calls in hand may take to end after SIGTERM, in milliseconds, before they are left to Asterisk. */
const drainMs = 5_000;
/** How long, of that, a record may wait for its carrier's answer to our goodbye. */
const answersMs = 1_000;
/** How long AMI may take to be back after ARI is, in milliseconds: both are lost when Asterisk starts again. */
const amiBackMs = 5_000;

async function main(): Promise<void> {
  const config = readConfig();
  const secrets = readSecrets(config);
  const log = createLog(config, 'interceptor');
  const onUncaught = (err: unknown) => {
    log.error({ err }, 'stopping after an unexpected error; the dialplan answers calls meanwhile');
    process.exit(1);
  };
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);
  keepPulse();

  const ami = openAmi(
    { host: config.asterisk.amiHost, port: config.asterisk.amiPort, user: 'clearline', password: secrets.ami },
    (why) => log.error({ why }, 'AMI is lost: until it is back no line counts as clear'),
  );
  const account = {
    url: config.asterisk.url ?? `http://127.0.0.1:${config.asterisk.httpPort}`,
    user: 'clearline',
    password: secrets.ari,
  };
  // Everything below may have to wait for AMI or SQL.
  await letWaitingGo(new AriHttp(account), ami, log);
  const store = await openStore(config, log);
  const lines = new LoadedLines();
  const stopLines = await keepLinesLoaded({ config, secrets, lines, store: store.lines, ami, log });
  const holds = new HoldBook();
  const mender = holdMender(holds, ami, log);
  await mender.mend(Number.POSITIVE_INFINITY);

  const stopMending = mender.keepMending();

  const redis = connectRedis(config, 'producer', log);
  const queue = openCallQueue(redis);
  const alertQueue = openAlertQueue(redis);
  const callBacks = openCallBackQueue(redis, log);
  const limitBytes = config.spool.maxMegabytes * 1024 * 1024;
  const queues = { calls: queue, alerts: alertQueue };
  const spool = await openSpool({ folder: config.paths.spool, queues, log, limitBytes });
  const { alerts } = spool;
  const releases = new Releases(Date.now);
  const hep = listenHep(
    { port: config.asterisk.hepPort, password: hepPassword(secrets), sip: config.sip },
    (seen) => releases.hear(seen),
    (why) => log.warn({ why }, 'whether carriers let go of calls may go unseen'),
  );
  const ari = await connectAri({
    ...account,
    application: 'clearline',
    soundsFolder: config.paths.sounds,
  });
  const ears = openEars();
  const listening = openListening({ ari, ears, log });
  const records = awaitReleases(spool.calls, { releases, alerts, clock: Date.now, log });
  const options: RunnerOptions = {
    telephony: joinExchange(ari, ami, mender.mendSoon),
    witnesses: { ari: ari.look, ami: ami.look },
    lines,
    holds,
    readHolds: () => mender.mend(0),
    facts: records,
    alerts: calmAlerts(alerts),
    callBacks,
    ...policiesOf(config),
    listening,
    releaseOf: (channel) => releases.stateOf(channel),
    clock: Date.now,
    // A caller who could foresee the digit could have it pressed by a machine.
    random: () => randomInt(2 ** 32) / 2 ** 32,
    log,
  };
  const runner = new CallRunner(options);
  const callBack = new CallBacks(runner, options, config.outgoing);
  runner.newcomers = callBack.hear;
  listening.events.on('heard', ({ channel, at }) => runner.hearTone(channel, at));
  const isRunning = (call: string) => runner.isRunning(call);
  ari.events.on('event', (event) => {
    if (event.type === 'Replaced') stopDeaf(log, 'another interceptor took the application');
    if (event.type === 'ChannelEntered' && event.callId !== '') releases.note(event.channel, event.callId);
    runner.hear(event);
  });
  ari.events.on('lost', (why) => log.warn({ why }, 'the connection to Asterisk is lost; calls go on'));
  ari.events.on('malformed', (why) => log.warn({ why }, 'an event of Asterisk could not be read'));
  ari.events.on('unheard', (err) => log.error({ err }, 'an event of Asterisk was read, but Clearline failed at it'));
  ari.events.on('dead', (why) => stopDeaf(log, why));
  ari.events.on('reconnected', async () => {
    log.info('connected to Asterisk again');
    const compared = await runner.compareWith(async () => (await ari.listChannels())?.map(({ id }) => id) ?? null);
    if (!compared || !(await mender.mend(amiBackMs))) stopDeaf(log, 'Asterisk does not list its channels');
    await takeOverLeftCalls(ari, ami, isRunning, log);
  });
  await takeOverLeftCalls(ari, ami, isRunning, log);
  const waiting = connectRedis(config, 'consumer', log);
  const consumer = consumeCallBacks(waiting, callBack.make, log);
  log.info('answering calls');
  tellReady();

  await stopSignal();
  const deadline = Date.now() + drainMs;
  setTimeout(() => releases.close(), answersMs);
  const inHand = () => runner.running + records.pending();
  while (inHand() > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  // A call back in hand is another interceptor's in a moment: nothing waits for its end.
  void consumer.close();
  stopMending();
  listening.close();
  await ears.close();
  ari.close();
  ami.close();
  hep.close();
  stopLines();
  await spool.close();
  await Promise.all([queue.close(), alertQueue.close(), callBacks.close()]);
  for (const connection of [redis, waiting]) connection.disconnect();
  await store.close();
  log.info('stopped');
}

/** What the site decided about numbers, trunks and staff, as the runner asks it. */
function policiesOf(config: Config) {
  const numbers = numberRules(gb, config.numbers);
  const trunks = new Map(config.trunks.map((trunk) => [trunk.name, trunk]));
  return {
    numbers,
    rules: { inbound: { ...config.screening, safeNumbers: numbers }, outgoing: config.outgoing },
    arrivals: { trunks, doNotOriginate: numbers.doNotOriginate, staffed: config.staff.phone !== undefined },
    trunks: config.trunks,
    staffEndpoint: config.staff.phone === undefined ? null : `PJSIP/${config.staff.phone}`,
  };
}

/** Whoever can no longer hear the calls must not seem to answer them: the supervisor starts another. */
function stopDeaf(log: Log, why: string): never {
  log.error({ why }, 'stopping; the dialplan answers calls meanwhile');
  process.exit(1);
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    // Whoever started us is gone, so nobody would ever stop us.
    process.once('disconnect', () => resolve());
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof ConfigError ? error.message : error);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
