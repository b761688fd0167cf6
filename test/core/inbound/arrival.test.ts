import { describe, expect, test } from 'vitest';
import { arrived, deadline, finished, Story } from './story.ts';
import { closes, row } from './table.ts';

/** What a call does at its arrival: one row a treatment of screen.ts. */

const call = new Story();
const rings = (name: string, number: string) => [
  'wake deadline 33 s',
  `ring resident as "${name}" ${number}, 30 s`,
  'alert caller',
];

row(
  'connect: a trusted caller rings at once, unanswered, and is vouched for',
  call.on(arrived({ caller: 'anna' })),
  'ringing resident',
  ['screen trusted: connect, plain', ...rings('Trusted: Anna', '+441923555100'), 'hold 0, vouched'],
);
row(
  'connect: a stranger on a paused line rings at once, and nobody vouches for them',
  call.on(arrived({ mode: 'paused' })),
  'ringing resident',
  ['screen unvouched: connect, plain', ...rings('Unknown caller', '+442079460000'), 'hold 0'],
);
row(
  'connect: a withheld number shows as one',
  call.on(arrived({ mode: 'paused', caller: 'withheld' })),
  'ringing resident',
  ['screen unvouched: connect, plain', ...rings('Unknown caller, withheld', 'no number'), 'hold 0'],
);
row(
  'warn: a blocked caller on a paused line rings, and the phone says beware',
  call.on(arrived({ mode: 'paused', caller: 'villain' })),
  'ringing resident',
  ['screen blocked: warn, strong', ...rings('Beware: suspect caller', '+441923555666'), 'hold 0'],
);
row(
  'warn: whoever shows a trusted number suspiciously is not called trusted',
  call.on(arrived({ mode: 'paused', caller: 'pretender' })),
  'ringing resident',
  ['screen suspect: warn, plain', ...rings('Says Anna, unproven', '+441923555100'), 'hold 0'],
);
row(
  'announce: the caller is answered and hears that the line is protected',
  call.on(arrived({ mode: 'announce' })),
  'announcing',
  ['screen unvouched: announce, plain', 'hold 0', 'answer caller', 'wake deadline 30 s', 'p1 to caller: announcement'],
);
row(
  'announce: a blocked caller hears the stronger words',
  call.on(arrived({ mode: 'announce', caller: 'villain' })),
  'announcing',
  [
    'screen blocked: announce, strong',
    'hold 0',
    'answer caller',
    'wake deadline 30 s',
    'p1 to caller: announcement-strong',
  ],
);
row(
  'announce: a recorded line says that it records',
  call.on(arrived({ mode: 'announce', recordCalls: true })),
  'announcing',
  [
    'screen unvouched: announce, plain',
    'hold 0',
    'answer caller',
    'wake deadline 30 s',
    'p1 to caller: announcement recording-notice',
  ],
);
row('challenge: the caller is also asked to say a name', call.on(arrived()), 'announcing', [
  'screen unvouched: challenge, plain',
  'hold 0',
  'answer caller',
  'wake deadline 30 s',
  'p1 to caller: announcement say-your-name',
]);
row(
  'staff-or-refuse: staff are rung where there are any',
  call.on(arrived({ caller: 'villain', staffed: true })),
  'ringing staff',
  [
    'screen blocked: staff-or-refuse, strong',
    'hold 0',
    'answer caller',
    'wake deadline 33 s',
    'ring staff as "For Elsie Brown: blocked caller" +441923555666, 30 s',
    'p1 to caller: passing-to-staff (ring)',
  ],
);
row(
  'staff-or-refuse: without staff the caller is refused in words',
  call.on(arrived({ caller: 'villain' })),
  'parting from caller, refused by clearline 16',
  ['screen blocked: staff-or-refuse, strong', 'hold 0', 'answer caller', 'wake deadline 22 s', 'p1 to caller: refused'],
);
row(
  'staff-or-message: staff are rung where there are any',
  call.on(arrived({ mode: 'trusted-only', staffed: true })),
  'ringing staff',
  [
    'screen unvouched: staff-or-message, plain',
    'hold 0',
    'answer caller',
    'wake deadline 33 s',
    'ring staff as "For Elsie Brown: unvouched caller" +442079460000, 30 s',
    'p1 to caller: passing-to-staff (ring)',
  ],
);
row(
  'staff-or-message: without staff the caller may leave a message',
  call.on(arrived({ mode: 'trusted-only' })),
  'taking-message',
  [
    'screen unvouched: staff-or-message, plain',
    'hold 0',
    'answer caller',
    'wake deadline 30 s',
    'p1 to caller: leave-a-message',
  ],
);
row(
  'refuse: nobody is rung, and the caller hears why',
  call.on(arrived({ mode: 'trusted-only', caller: 'villain', staffed: true })),
  'parting from caller, refused by clearline 16',
  ['screen blocked: refuse, strong', 'hold 0', 'answer caller', 'wake deadline 22 s', 'p1 to caller: refused'],
);
row(
  'a held line screens one step more strictly: paused announces',
  call.on(arrived({ mode: 'paused', held: true })),
  'announcing',
  [
    'screen unvouched: announce, plain',
    'hold 0',
    'answer caller',
    'wake deadline 30 s',
    'p1 to caller: announcement',
    'raise call-while-held',
  ],
);
row(
  'a held line still rings for a trusted caller',
  call.on(arrived({ caller: 'anna', held: true })),
  'ringing resident',
  ['screen trusted: connect, plain', ...rings('Trusted: Anna', '+441923555100'), 'hold 0, vouched'],
);
row(
  'a number that no line has is refused by its cause, unanswered',
  call.on(arrived({ known: false })),
  'closing, unknown-number by clearline 1',
  ['wake deadline 5 s', 'unwake reminder', 'hang up caller 1'],
);
row('the line has its own time to ring', call.on(arrived({ caller: 'anna', ringSeconds: 12 })), 'ringing resident', [
  'screen trusted: connect, plain',
  'wake deadline 15 s',
  'ring resident as "Trusted: Anna" +441923555100, 12 s',
  'alert caller',
  'hold 0, vouched',
]);

describe('whoever poses as a returned call on a held line', () => {
  const refused = (standing: string) => [
    `screen ${standing}: refuse, strong`,
    'hold 0',
    'answer caller',
    'wake deadline 22 s',
    'p1 to caller: refused',
    'raise returned-call',
  ];
  const ending = 'parting from caller, returned-call by clearline 16';
  const held = { held: true, mode: 'paused', staffed: true } as const;
  row('shows the bank’s number', call.on(arrived({ ...held, caller: 'bank' })), ending, refused('unvouched'));
  row('shows 101', call.on(arrived({ ...held, caller: 'police' })), ending, refused('suspect'));
  row('called before', call.on(arrived({ ...held, calledBefore: true })), ending, refused('unvouched'));
  row(
    'is heard out',
    call.on(arrived({ ...held, caller: 'bank' })).on(finished(1)),
    'closing, returned-call by clearline 16',
    closes('caller 16'),
  );
  row('is no trusted caller', call.on(arrived({ ...held, caller: 'anna', calledBefore: true })), 'ringing resident', [
    'screen trusted: connect, plain',
    ...rings('Trusted: Anna', '+441923555100'),
    'hold 0, vouched',
  ]);
  row(
    'is nobody while the line is not held',
    call.on(arrived({ mode: 'announce', caller: 'bank', calledBefore: true })),
    'announcing',
    [
      'screen unvouched: announce, plain',
      'hold 0',
      'answer caller',
      'wake deadline 30 s',
      'p1 to caller: announcement',
    ],
  );
});

describe('while the resident is calling a guarded or an emergency number', () => {
  const ending = 'closing, engaged by clearline 17';
  const busy = ['wake deadline 5 s', 'unwake reminder', 'hang up caller 17'];
  row('a stranger finds the line busy, unanswered', call.on(arrived({ engaged: true })), ending, [
    'screen unvouched: challenge, plain',
    'hold 0',
    ...busy,
  ]);
  row('so does a trusted caller', call.on(arrived({ engaged: true, caller: 'anna' })), ending, [
    'screen trusted: connect, plain',
    'hold 0, vouched',
    ...busy,
  ]);
  row(
    'and staff hear of whoever calls a held line',
    call.on(arrived({ engaged: true, held: true, caller: 'bank' })),
    ending,
    ['screen unvouched: refuse, strong', 'hold 0', ...busy, 'raise returned-call'],
  );
});

describe('the digit to press', () => {
  test.each([
    [0, '1'],
    [0.5, '5'],
    [0.999999, '9'],
  ])('randomness %f gives %s, never 0', (random, digit) => {
    const { call: known } = call.on({ ...arrived(), random } as ReturnType<typeof arrived>);
    expect(known.facts?.digit).toBe(digit);
  });
});

test('an arrival is told once: a second one, or a timer before the first, changes nothing', () => {
  const first = call.on(arrived());
  expect(first.on(arrived({ caller: 'anna' })).call).toEqual(first.call);
  expect(call.on(deadline).call).toEqual(call.call);
});
