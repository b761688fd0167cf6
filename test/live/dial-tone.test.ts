import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { takeOverLeftCalls } from '../../services/interceptor/reconcile.ts';
import { babble, joined, silence, tones } from '../support/audio.ts';
import { cadence, dialTone, keys, otherTones, withLoss } from '../support/dial-tones.ts';
import { type Listened, startListening } from '../support/listening.ts';
import { memoryLog } from '../support/log.ts';
import { chords } from '../support/music.ts';
import { prompt } from '../support/site.ts';
import { until } from '../support/until.ts';

/** A caller's audio through real Asterisk: the snoop, the fork, the thread that listens, and what is left of them. */

let home: Awaited<ReturnType<typeof startListening>>;

beforeAll(async () => {
  home = await startListening();
});
afterEach(async () => {
  expect(home.log.lines).toEqual([]);
});
afterAll(() => home?.stop());

const bridges = async () => (await home.ari.listBridges())?.map(({ id }) => id);

/** A caller who is answered and listened to. */
async function listened(codec: 'PCMA' | 'PCMU' = 'PCMA'): Promise<Listened> {
  const caller = await home.call(codec);
  home.listening.listen(caller.channel, caller.channel);
  const bridge = `${caller.channel}-listen`;
  await until('ear and wire are joined', async () =>
    (await home.ari.listBridges())?.some(({ id, channels }) => id === bridge && channels.length === 2),
  );
  return caller;
}

const heardFrom = ({ channel }: Listened) => home.heard.find((tone) => tone.channel === channel);

/** Milliseconds from the first packet of the sound to the word that it is a dial tone. */
async function heardAfter(caller: Listened, sound: Int16Array): Promise<number> {
  const began = performance.now();
  void caller.call.media.play(sound);
  const tone = await until('the dial tone is heard', () => heardFrom(caller), 5_000);
  return tone.now - began;
}

async function leave(...callers: Listened[]): Promise<void> {
  for (const { call } of callers) call.hangUp();
  await until('no channel is left', async () => (await home.stack.channels()).length === 0);
  await until('no bridge is left', async () => (await bridges())?.length === 0);
}

describe('a caller plays a dial tone', () => {
  test.each([
    ['loud', dialTone({ ms: 2000, dBm0: -6 }), 'PCMA'],
    ['faint, in µ-law', dialTone({ ms: 2000, dBm0: -36 }), 'PCMU'],
    ['1.5 % high, one tone 5 dB above the other', dialTone({ ms: 2000, off: 0.015, twist: 5 }), 'PCMA'],
    ['with 20 ms lost of every 200', withLoss(dialTone({ ms: 2000 }), 20, 200, 700), 'PCMA'],
  ] as const)('%s, and is heard within a second', async (_, sound, codec) => {
    const caller = await listened(codec);
    expect(await heardAfter(caller, sound)).toBeLessThan(1000);
    await until('only the caller is left', async () => (await home.stack.channels()).length === 1);
    await leave(caller);
  });

  test('in bursts of 100 ms, and is heard within two and a half seconds', async () => {
    const caller = await listened();
    expect(
      await heardAfter(
        caller,
        cadence(
          [
            [[350, 440], 100],
            [[], 100],
          ],
          3000,
        ),
      ),
    ).toBeLessThan(2500);
    await leave(caller);
  });
});

test('nothing else is heard, however long it lasts; a dial tone after it is', async () => {
  const others = otherTones();
  const sounds = {
    speech: joined(prompt('announcement-strong'), prompt('advice')),
    keys: joined(...Object.values(keys())).subarray(0, 64_000),
    'ringing and busy': joined(
      others['UK ringing, 400+450'] ?? silence(0),
      others['UK busy, 400'] ?? silence(0),
      others['US ringing, 440+480'] ?? silence(0),
    ),
    music: joined(
      chords(
        'organ',
        [
          [53, 57, 60, 65, 69],
          [65, 69, 72],
        ],
        2,
      ),
      chords(
        'piano',
        [
          [65, 69],
          [60, 65, 69],
        ],
        2,
      ),
      chords('strings', [[65, 69]], 3),
    ),
    'one tone alone': joined(tones([350], 4000), tones([440], 4000)),
    babble: babble(8_000, 3),
  };
  const callers = await Promise.all(Object.values(sounds).map(async (sound) => ({ caller: await listened(), sound })));
  await Promise.all(callers.map(({ caller, sound }) => caller.call.media.play(sound.subarray(0, 64_000))));
  expect(callers.map(({ caller }) => heardFrom(caller))).toEqual(callers.map(() => undefined));
  // They were listened to all the time.
  await Promise.all(callers.map(({ caller }) => heardAfter(caller, dialTone({ ms: 2000 }))));
  await leave(...callers.map(({ caller }) => caller));
});

test('it is the caller who is heard, not whom they talk to', async () => {
  const [caller, resident] = [await listened(), await home.call()];
  await home.ari.connect('talk', [caller.channel, resident.channel], true);
  await resident.call.media.play(dialTone({ ms: 2000 }));
  expect(heardFrom(caller)).toBeUndefined();
  expect(await heardAfter(caller, dialTone({ ms: 2000 }))).toBeLessThan(1000);
  await home.ari.removeBridge('talk');
  await leave(caller, resident);
});

test('a caller who hangs up leaves neither ear nor wire behind', async () => {
  const callers = await Promise.all([listened(), listened(), listened()]);
  expect(await home.stack.channels()).toHaveLength(9);
  await leave(...callers);
});

test('a caller who goes while it is being set up leaves nothing behind', async () => {
  const caller = await home.call();
  home.listening.listen(caller.channel, caller.channel);
  await leave(caller);
});

test('a call that ends for Clearline alone is listened to no more', async () => {
  const caller = await listened();
  home.listening.stop(caller.channel);
  await until('only the caller is left', async () => (await home.stack.channels()).length === 1);
  await leave(caller);
});

test('what an earlier interceptor left listening is taken away, and the conversation goes on', async () => {
  const [caller, resident] = [await listened(), await home.call()];
  const talk = `${caller.channel}-talk`;
  await home.ari.connect(talk, [caller.channel, resident.channel], true);
  const nobody = { redirect: async () => ({ ok: true }) as const };
  await takeOverLeftCalls(home.ari, nobody, () => false, memoryLog());
  await until('the two are left', async () => (await home.stack.channels()).length === 2);
  await until('their bridge is left', async () => (await bridges())?.join() === talk);
  await leave(caller, resident);
});
