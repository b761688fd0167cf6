import { expect, it } from 'vitest';
import type { Ari } from '../../../services/adapters/ari.ts';
import type { Reply } from '../../../services/core/ports.ts';
import { joinExchange } from '../../../services/interceptor/exchange/exchange.ts';
import { until } from '../../support/until.ts';

const done: Reply = { ok: true };
const away: Reply = { ok: false, gone: false, why: 'AMI is not connected' };
const noChannel: Reply = { ok: false, gone: true, why: 'No such channel' };
/** No command but a hang-up is given here. */
const ari = { hangUp: async () => done } as unknown as Ari;

/** AMI, which answers with these replies in turn and the last one for ever; `asked` is what it was asked to set. */
function manager(...replies: Reply[]) {
  const asked: string[] = [];
  const setVariable = async (channel: string, name: string, value: string): Promise<Reply> => {
    asked.push(`${channel} ${name}=${value}`);
    return (replies.length > 1 ? replies.shift() : replies[0]) ?? done;
  };
  const redirect = async (channel: string, context: string, extension: string): Promise<Reply> => {
    asked.push(`${channel} to ${context} ${extension}`);
    return done;
  };
  return { asked, setVariable, redirect };
}

it('sets a variable again until AMI is back', async () => {
  const ami = manager(away, away, done);
  expect(await joinExchange(ari, ami).setVariable('1.1', 'HOLD', '300')).toEqual(away);
  await until('it is set', () => ami.asked.length === 3);
  expect(new Set(ami.asked)).toEqual(new Set(['1.1 HOLD=300']));
});

it('never sets an older value over a newer one', async () => {
  const ami = manager(away, away, done);
  const exchange = joinExchange(ari, ami);
  await exchange.setVariable('1.1', 'HOLD', '0');
  await exchange.setVariable('1.1', 'HOLD', '300');
  await exchange.setVariable('1.2', 'HOLD', '0');
  await until('the newer one is set', () => ami.asked.length === 4);
  expect(ami.asked).toEqual(['1.1 HOLD=0', '1.1 HOLD=300', '1.2 HOLD=0', '1.1 HOLD=300']);
});

it('asks no more for a channel that is gone, and lets a hang-up wait for one answer only', async () => {
  const ami = manager(away, noChannel);
  const exchange = joinExchange(ari, ami);
  const set = exchange.setVariable('1.1', 'HOLD', '300');
  expect(await exchange.hangUp('1.1', 16)).toEqual(done);
  expect(await set).toEqual(away);
  await until('it was asked for again', () => ami.asked.length === 2);
  await exchange.setVariable('1.2', 'HOLD', '0');
  expect(ami.asked.at(-1)).toBe('1.2 HOLD=0');
});

it('tells of a channel that went before its variable could be set, and of no other', async () => {
  let unset = 0;
  const count = () => {
    unset += 1;
  };
  await joinExchange(ari, manager(noChannel), count).setVariable('1.1', 'HOLD', '300');
  const set = manager(away, done);
  await joinExchange(ari, set, count).setVariable('1.2', 'HOLD', '300');
  await until('it is set', () => set.asked.length === 2);
  expect(unset).toBe(0);
  await joinExchange(ari, manager(away, away, noChannel), count).setVariable('1.3', 'HOLD', '300');
  await until('it is told', () => unset === 1);
});

it('has AMI send a channel on that ARI refuses to, or does not answer for', async () => {
  const way = ['1.1', 'emergency', '999'] as const;
  const refused: Reply = { ok: false, gone: false, why: '500 Internal Server Error' };
  for (const answer of [Promise.resolve(refused), new Promise<Reply>(() => {})]) {
    const ami = manager(done);
    const exchange = joinExchange({ continueInDialplan: () => answer } as unknown as Ari, ami);
    expect(await exchange.continueInDialplan(...way)).toEqual(done);
    expect(ami.asked).toEqual(['1.1 to emergency 999']);
  }
});

const inTheDialplan = { ok: false, gone: false, why: '409 Channel not in Stasis application' } as const;

it.each([
  { answer: done, means: done },
  { answer: noChannel, means: noChannel },
  { answer: inTheDialplan, means: done },
])('leaves it to ARI where that has the answer: $answer', async ({ answer, means }) => {
  const ami = manager(done);
  const exchange = joinExchange({ continueInDialplan: async () => answer } as unknown as Ari, ami);
  expect(await exchange.continueInDialplan('1.1', 'emergency', '999')).toEqual(means);
  expect(ami.asked).toEqual([]);
});
