import { afterAll, beforeAll, expect, test } from 'vitest';
import { chosen } from '../fuzz/figures.ts';
import { type Assailant, FuzzedHome } from '../fuzz/home.ts';
import { mutate } from '../fuzz/mutate.ts';
import { good, request } from '../fuzz/sip-messages.ts';
import { torture } from '../fuzz/torture.ts';
import { Dice } from '../support/dice.ts';

/**
 * Torture messages and mutated SIP from a trunk's address, from a registered telephone's and from a stranger's, over UDP and
 * now and then TCP. In the middle of each batch an honest call rings and is answered, and 999 leaves; after each, nothing is
 * left in Asterisk, every call that got as far as Clearline is on record, and no process has died or grown.
 *
 * `npm run fuzz` sends thousands; see test/fuzz/figures.ts.
 */

const { count, seed, talkative } = chosen(600);
const batch = 600;
/** What the interceptor may have grown by since the second batch, in MB: its books of SIP dialogs are kept for minutes. */
const growthMb = 80;
const dice = new Dice(seed);

let home: FuzzedHome;
beforeAll(async () => {
  home = await FuzzedHome.start();
});
afterAll(() => home?.stop());

test(
  `${count} messages of seed ${seed}: no crash, no honest call lost, nothing left, nothing grown`,
  async () => {
    const { pids } = home;
    const memory: number[] = [];
    for (let sent = 0; sent < count; sent += batch) {
      const told = await sendBatch(Math.min(batch, count - sent), sent === 0);
      const records = await home.settle();
      expect(home.pids).toEqual(pids);
      expect(home.failures).toEqual([]);
      memory.push(home.memory);
      if (talkative) console.log({ ...told, records, interceptorMb: Math.round(home.memory) });
      expect(home.memory).toBeLessThan((memory[1] ?? memory[0] ?? 0) + growthMb);
    }
  },
  120_000 + count * 200,
);

async function sendBatch(messages: number, isFirst: boolean) {
  const phones = await home.telephones();
  const assailants = await home.assailants(dice);
  const inside = await home.callInProgress(phones);
  const share = Math.ceil(messages / assailants.length);
  const honest = [];
  for (const [index, { sender, party }] of assailants.entries()) {
    const talking = index === 0 ? { ...party, inside } : party;
    const first = isFirst ? torture(talking, dice) : [];
    const rest = Array.from({ length: Math.max(0, share - first.length) }, () => mutate(good(talking, dice), dice));
    await sendAll([...first, ...rest], { sender, party }, assailants[0]);
    honest.push(await home.telephone(phones));
  }
  await home.hangUpAll(phones);
  const answers = assailants.map(({ sender }) => Object.fromEntries(sender.answers));
  for (const { sender } of assailants) sender.close();
  phones.close();
  return { honest, answers };
}

/** No faster than Asterisk reads: what its socket's buffer drops would test nothing. */
async function sendAll(
  messages: readonly Buffer[],
  { sender }: Assailant,
  trunk: Assailant | undefined,
): Promise<void> {
  for (const [index, message] of messages.entries()) {
    sender.send(message);
    if (index % 25 === 0) await sender.sendByTcp(message);
    if (index % 5 > 0 || trunk === undefined) continue;
    const callId = dice.name();
    await trunk.sender.answered(Buffer.from(request(trunk.party, dice, 'OPTIONS', { callId })), `${callId}@fuzz`);
  }
}
