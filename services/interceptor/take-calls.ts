import { randomInt } from 'node:crypto';
import { type Ari, connectAri } from '../adapters/ari.ts';
import type { ExchangeEvent } from '../adapters/ari-events.ts';
import { consumeCallBacks } from '../adapters/call-back-queue.ts';
import { openEars } from '../adapters/ears.ts';
import { listenHep } from '../adapters/hep.ts';
import { type KeptCalls, openKeptCalls } from '../adapters/kept-calls.ts';
import { connectRedis } from '../adapters/redis.ts';
import type { Config } from '../config.ts';
import { numberRules } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import { hepPassword } from '../secrets.ts';
import { awaitReleases } from './call/await-release.ts';
import { CallBacks } from './call-backs.ts';
import { calmAlerts } from './calm-alerts.ts';
import { openDoor } from './door/open-door.ts';
import { wayOut } from './drain.ts';
import { joinExchange } from './exchange/exchange.ts';
import { openListening } from './exchange/listen.ts';
import { Releases } from './exchange/releases.ts';
import { TollBook } from './line/toll-book.ts';
import { openFacts } from './open-facts.ts';
import { gateEvents, gateTelephony, type Hold } from './ownership/gate.ts';
import type { CallOwnership } from './ownership/own-calls.ts';
import type { Prepared } from './prepare.ts';
import { takeOverLeftCalls } from './reconcile.ts';
import type { NoteOf } from './restart/look-around.ts';
import { NotedCalls } from './restart/noted-calls.ts';
import { catchUp, type TakingUp, takeUp } from './restart/take-up.ts';
import { CallRunner } from './run-calls.ts';
import type { RunnerOptions } from './runner-options.ts';
import { eventLoopLoad, watchOverload } from './shed.ts';

/** The calls, as long as they are this interceptor's. */
export interface Taken {
  readonly runner: CallRunner;
  /** Calls that run, and records that wait for their carrier's answer to our goodbye. */
  inHand(): number;
  /** From now on new calls go to the dialplan's fallback, and a record waits no longer for that answer than a second. */
  stopTaking(): void;
  close(): Promise<void>;
}

/** How long, while it stops, a record may wait for its carrier's answer to our goodbye, in milliseconds. */
const answersMs = 1_000;
/** How long AMI may take to be back after ARI is, in milliseconds: both are lost when Asterisk starts again. */
const amiBackMs = 5_000;

/**
 * Opens all that one interceptor alone may have, and takes the application, so that calls reach this process. `onDeaf` ends the
 * process, which can no longer hear the calls.
 */
export async function takeCalls(
  prepared: Prepared,
  ownership: CallOwnership,
  onDeaf: (why: string) => never,
): Promise<Taken> {
  const { config, secrets, log, account, ami, lines, holds, mender, watch } = prepared;
  const facts = await openFacts(config, prepared.redis, log);
  const alerts = watch.countedAlerts(facts.spool.alerts);
  const releases = new Releases(Date.now);
  const door = openDoor({ config, secrets, ami, alerts: calmAlerts(alerts), log });
  const hep = listenHep(
    { port: config.asterisk.hepPort, password: hepPassword(secrets), sip: config.sip },
    (seen) => {
      releases.hear(seen);
      door.hearMessage(seen);
    },
    (why) => log.warn({ why }, 'whether carriers let go of calls may go unseen'),
  );
  const ari = await connectAri({ ...account, application: 'clearline', soundsFolder: config.paths.sounds });
  const ears = openEars();
  const listening = openListening({ ari, ears, log });
  const records = awaitReleases(facts.spool.calls, { releases, alerts, clock: Date.now, log });
  const tolls = new TollBook();
  void tolls.recall(prepared.store.calls, Date.now(), log);
  const noted = new NotedCalls({
    ...{ notes: ami.ended, lines, ...policiesOf(config), clock: Date.now, log },
    facts: watch.counted(facts.spool.calls),
    isRunning: (call) => runner.isRunning(call),
  });
  const keeper = openKeptCalls({
    ...{ redis: prepared.redis, token: ownership.token, log },
    source: () => runner.all.filter(({ isOver }) => !isOver).map(({ id, kept }) => [id, kept] as const),
  });
  const options: RunnerOptions = {
    telephony: gateTelephony(joinExchange(ari, ami, mender.mendSoon), ownership.hold),
    witnesses: { ari: ari.look, ami: ami.look },
    lines,
    holds,
    readHolds: () => mender.mend(0),
    facts: noted.tidying(watch.counted(tolls.noting(records))),
    keeper,
    tolls,
    alerts: calmAlerts(alerts),
    callBacks: facts.callBacks,
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
  const noteOf: NoteOf = (call) => noted.noteOf(call);
  const { stopTaking, hear } = hearExchange({ ...prepared, ari, runner, releases, ownership, noteOf }, onDeaf);
  watch.own({ ari, ami, runner, holds, lines, facts });
  const { given } = prepared;
  const retaking = { runner, ari, noteOf, clock: Date.now, log, given };
  const stopLoading = await takeUpAll(keeper, retaking, hear, onDeaf);
  for (const call of runner.all) {
    if (call.opening.type === 'Dialled' && call.opening.by === 'call-back') callBack.goOn(call);
  }
  await takeOverLeftCalls(ari, ami, (call) => runner.isRunning(call) || given.has(call), log);
  noted.start();
  const waiting = connectRedis(config, 'consumer', log);
  const consumer = consumeCallBacks(waiting, callBack.make, log);
  const stopWatching = watchOverload({
    ami,
    alerts,
    load: eventLoopLoad(),
    clock: Date.now,
    log,
    onRefused: watch.onRefused,
  });
  return {
    runner,
    inHand: () => runner.running + records.pending(),
    stopTaking() {
      watch.leave();
      stopTaking();
      void consumer.close();
      setTimeout(() => releases.close(), answersMs);
    },
    async close() {
      // A call back in hand is another interceptor's in a moment: nothing waits for its end.
      void consumer.close();
      stopWatching();
      stopLoading();
      await noted.close();
      listening.close();
      await ears.close();
      ari.close();
      hep.close();
      door.close();
      await keeper.close();
      await facts.close();
      waiting.disconnect();
    },
  };
}

interface Hearing extends Prepared {
  readonly ari: Ari;
  readonly runner: CallRunner;
  readonly releases: Releases;
  readonly ownership: CallOwnership;
  readonly noteOf: NoteOf;
}

/**
 * Leads what Asterisk tells to the calls, from the time `hear` is called, and puts right what they missed while the connection was
 * lost. `stopTaking`: from then on no new ones.
 */
function hearExchange(parts: Hearing, onDeaf: (why: string) => never) {
  const { ari, ami, runner, releases, mender, watch, ownership, noteOf, log } = parts;
  let stopping = false;
  const begun = Promise.withResolvers<void>();
  let hold: Hold = () => begun.promise;
  const hear = (event: ExchangeEvent) => {
    const out = stopping ? wayOut(event, (line) => runner.isBusy(line)) : null;
    if (out) return void ari.continueInDialplan(out.channel, out.context, out.extension);
    if (event.type === 'ChannelEntered' && event.callId !== '') releases.note(event.channel, event.callId);
    runner.hear(event);
    watch.hear(event);
  };
  const unheard = (err: unknown) => log.error({ err }, 'an event of Asterisk was read, but Clearline failed at it');
  const gated = gateEvents(() => hold(), hear, unheard);
  ari.events.on('event', (event) => (event.type === 'Replaced' ? ownership.replaced() : gated(event)));
  ari.events.on('lost', (why) => {
    // It would be made anew in a moment, and so take the application from whoever took the calls meanwhile.
    if (ownership.hold() !== null) onDeaf('this process stood still, and lost Asterisk');
    log.warn({ why }, 'the connection to Asterisk is lost; calls go on');
  });
  ari.events.on('malformed', (why) => log.warn({ why }, 'an event of Asterisk could not be read'));
  ari.events.on('unheard', unheard);
  ari.events.on('dead', onDeaf);
  ari.events.on('reconnected', async () => {
    log.info('connected to Asterisk again');
    const compared = await catchUp({ runner, ari, noteOf, clock: Date.now });
    if (!compared || !(await mender.mend(amiBackMs))) onDeaf('Asterisk does not list its channels');
    await takeOverLeftCalls(ari, ami, (call) => runner.isRunning(call), log);
  });
  return {
    hear() {
      hold = ownership.hold;
      begun.resolve();
    },
    stopTaking() {
      stopping = true;
    },
  };
}

/** How soon what was kept is asked for again, where Redis did not give it, in milliseconds. */
const loadAgainMs = 1_000;

/**
 * Takes up what an earlier interceptor ran. Where Redis is away it is what Asterisk tells, and what was kept follows when Redis is
 * back: by then most of it is over, and to be put on record. Answers how to wait for that no more.
 */
async function takeUpAll(
  keeper: KeptCalls,
  parts: Omit<TakingUp, 'adopting'>,
  hear: () => void,
  onDeaf: (why: string) => never,
): Promise<() => void> {
  let timer: NodeJS.Timeout | undefined;
  const later = async () => {
    const kept = await keeper.load();
    if (kept === null || !(await takeUp(kept, { ...parts, adopting: false }, () => {}))) wait();
  };
  const wait = () => {
    timer = setTimeout(() => void later(), loadAgainMs);
  };
  const kept = await keeper.load();
  if (!(await takeUp(kept ?? new Map(), { ...parts, adopting: true }, hear))) {
    onDeaf('Asterisk does not list its channels');
  }
  if (kept === null) wait();
  return () => clearTimeout(timer);
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
