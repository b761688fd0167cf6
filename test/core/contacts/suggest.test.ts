import { describe, expect, it } from 'vitest';
import { suggestContacts } from '../../../services/core/contacts/suggest.ts';
import { numberRules } from '../../../services/core/number.ts';
import { gb } from '../../../services/core/packs/gb.ts';
import type { InboundRecord } from '../../../services/core/record.ts';
import { callingNumber, finishedCall, monday, storedLine } from '../../support/finished-call.ts';

const surgery = '+441923555700';
const numbers = numberRules(gb, {
  emergency: [],
  guarded: [{ number: '0345 123 4567', name: 'the bank' }],
  premium: [],
  ordinary: [],
  abroadIsPremium: false,
  doNotOriginate: [],
});
const rules = { suggestAfterCalls: 3, suggestTalkSeconds: 120, suggestWithinDays: 90 };
const day = 86_400_000;

function call(changes: Partial<InboundRecord> = {}, number = surgery): InboundRecord {
  const { record } = finishedCall();
  const caller = { ...record.caller, presentation: callingNumber(number, number), name: 'Surgery' };
  return { ...record, caller, connectedAt: monday, ending: byStaff, ...changes };
}

const byStaff = { outcome: 'handled-by-staff', by: 'caller', cause: 16 } as const;
const talked = { outcome: 'talked', by: 'caller', cause: 16 } as const;
const long: Partial<InboundRecord> = { ending: talked, connectedAt: monday, endedAt: monday + 120_000 };

const suggest = (calls: readonly InboundRecord[], { line = storedLine(), number = surgery, at = monday + day } = {}) =>
  suggestContacts([{ line, number, calls }], rules, numbers, at);
const { verdict, caller } = call();
if (verdict === null) throw new Error('the call of the fixture was screened');

describe('a number is suggested', () => {
  it('that staff took three times', () => {
    const calls = [call(), call({ arrivedAt: monday + 5 }), call()];
    expect(suggest(calls)).toEqual([
      { line: 'room-12', number: surgery, byStaff: 3, talked: 0, lastAt: monday + 5, showsName: 'Surgery' },
    ]);
  });

  it('with which a warned resident talked for long, counted together with what staff took', () => {
    expect(suggest([call(long), call(), call(long)])).toMatchObject([{ byStaff: 1, talked: 2 }]);
  });

  it('after others that called more often', () => {
    const other = '+441923555701';
    const candidates = [
      { line: storedLine(), number: surgery, calls: [call(), call(), call()] },
      { line: storedLine(), number: other, calls: [1, 2, 3, 4].map(() => call({}, other)) },
    ];
    const found = suggestContacts(candidates, rules, numbers, monday + day);
    expect(found.map(({ number }) => number)).toEqual([other, surgery]);
  });
});

describe('no number is suggested', () => {
  const two = [call(), call()];
  it.each<[string, readonly InboundRecord[]]>([
    ['that called twice', two],
    ['that talked for a short while', [...two, call({ ...long, endedAt: monday + 119_000 })]],
    ['that was never answered', [...two, call({ ...long, connectedAt: null })]],
    [
      'that rang through unwarned, in a pause',
      [...two, call({ ...long, verdict: { ...verdict, treatment: 'connect' } })],
    ],
    ['that was refused', [...two, call({ ending: { outcome: 'refused', by: 'clearline', cause: 16 } })]],
    ['that was withheld once', [...two, call({ caller: { ...caller, presentation: null, withheld: true } })]],
    [
      'that the network says is another',
      [...two, call({ caller: { ...caller, network: callingNumber('+33123456789', '+33123456789') } })],
    ],
    [
      'once shown with a sign of forgery',
      [
        ...two,
        call(),
        call({ caller: { ...caller, signs: [{ kind: 'attestation-missing', text: 'Nobody vouched.' }] } }),
      ],
    ],
    ['that was ever suspect', [...two, call(), call({ verdict: { ...verdict, standing: 'suspect' } })]],
    ['of which staff were alerted', [...two, call(), call({ alerts: [{ at: monday, alert: 'call-while-held' }] })]],
    ['that called long ago', [...two, call({ arrivedAt: monday - 90 * day })]],
  ])('%s', (_, calls) => {
    expect(suggest(calls)).toEqual([]);
  });

  const three = (number: string) => [call({}, number), call({}, number), call({}, number)];
  it.each([
    ['that is trusted', '+441923555100'],
    ['that is blocked', '+441923555666'],
    ['that is the line’s own', storedLine().number],
    ['that fraudsters pose as', '+443451234567'],
    ['that earns by being called', '+449091234567'],
    ['that is short', '201'],
  ])('%s', (_, number) => {
    expect(suggest(three(number), { number })).toEqual([]);
  });
});
