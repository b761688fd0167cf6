import { describe, expect, test } from 'vitest';
import {
  answers,
  arrived,
  deadline,
  failed,
  finished,
  hangsUp,
  inspected,
  presses,
  reminderTime,
  Story,
} from './story.ts';
import { closes, concludes, row } from './table.ts';

/** What the resident hears and can do once the caller has gone: the advice, the line made clear, the police. */

const announced = new Story()
  .on(arrived({ mode: 'announce' }))
  .on(finished(1))
  .on(answers('resident'));
const guarded = announced.on(finished(3)).on(finished(4));

describe('the advice', () => {
  const reported = guarded.on(presses('resident', '*'));
  const advising = guarded.on(hangsUp('caller'));
  const heardOnce = advising.on(finished(5));
  const repeated = heardOnce.on(deadline);
  const heardTwice = repeated.on(finished(6));
  const says = (playback: number, prompt: string, seconds: number) => [
    `wake deadline ${seconds} s`,
    `p${playback} to resident: ${prompt}`,
  ];
  const asks = (stops: readonly string[]) => [...stops, 'wake deadline 1 s', 'inspect'];
  const ending = 'talked by caller 16';
  row('heard: time for the key', heardOnce, `advising, 1 heard, ${ending}`, ['wake deadline 10 s']);
  row('no key: heard again', repeated, `advising, 1 heard, ${ending}`, says(6, 'advice', 30));
  row('heard twice: time for the key', heardTwice, `advising, 2 heard, ${ending}`, ['wake deadline 10 s']);
  row('still no key: goodbye', heardTwice.on(deadline), `parting from resident, ${ending}`, says(7, 'goodbye', 22));
  row(
    'that Asterisk cannot play: goodbye',
    advising.on(failed('Play', 'c-p5')),
    `parting from resident, ${ending}`,
    says(6, 'goodbye', 22),
  );
  row('whose end is lost counts as heard', advising.on(deadline), `advising, 1 heard, ${ending}`, [
    'stop p5',
    'wake deadline 10 s',
  ]);
  row(
    'an earlier prompt’s failure does not end it',
    guarded.on(reminderTime).on(hangsUp('caller')).on(failed('Play', 'c-p5')),
    `advising, 0 heard, ${ending}`,
    [],
  );
  row('key 1 while it plays', advising.on(presses('resident', '1')), 'clearing', asks(['stop p5']));
  row('key 1 after it', heardOnce.on(presses('resident', '1')), 'clearing', asks([]));
  row('key 1 before the reported caller’s end is confirmed', reported.on(presses('resident', '1')), 'clearing', [
    'stop p5',
    'hang up caller 16',
    'wake deadline 1 s',
    'inspect',
  ]);
  row('another key', advising.on(presses('resident', '9')), `advising, 0 heard, ${ending}`, []);
  row('resident hangs up', advising.on(hangsUp('resident')), `ended, ${ending}`, concludes(ending));
  row(
    'resident hangs up before the reported caller’s end is confirmed',
    reported.on(hangsUp('resident')),
    'closing, reported by resident 16',
    closes('caller 16'),
  );
  row(
    'the reported caller’s end is confirmed',
    reported.on(hangsUp('caller')),
    'advising, 0 heard, reported by resident 16',
    [],
  );

  test('ends by itself although no end of a prompt is ever heard of', () => {
    let call = advising;
    for (let turn = 0; turn < 5; turn += 1) call = call.on(deadline);
    expect(call.stage).toBe(`closing, ${ending}`);
  });
});

describe('clearing the line', () => {
  const clearing = guarded.on(hangsUp('caller')).on(presses('resident', '1'));
  const cuts = 'cut c';
  const told = clearing.on(inspected('clearing'));
  const calls = (playback: number) => [
    'wake deadline 63 s',
    'ring police as "" +441923555012, 60 s',
    `p${playback} to resident: reaching-101 (ring)`,
  ];
  const tells = ['p6 to resident: line-not-clear'];
  row('clear: the police are called', clearing.on(inspected('clear')), 'calling-police', calls(6));
  row('a channel is still there: it is cut, and the resident is told', told, 'clearing, told', [cuts, ...tells]);
  const crowded = clearing.on(inspected('crowded'));
  row('another caller is on the line: cut with their legs', crowded, 'clearing, told', [
    'cut c d d-resident',
    ...tells,
  ]);
  row('still there a second later: cut again', crowded.on(inspected('crowded')), 'clearing, told', [
    'cut c d d-resident',
  ]);
  row('gone: the police are called', crowded.on(finished(6)).on(inspected('clear')), 'calling-police', calls(7));
  row('a trunk that clears with time: the resident is told', clearing.on(inspected('held')), 'clearing, told', tells);
  row('a witness is silent: the resident is told', clearing.on(inspected('unknown')), 'clearing, told', tells);
  row('the resident has just been told', told.on(inspected('held'), 7_999), 'clearing, told', []);
  const toldAgain = told.on(finished(6)).on(inspected('held'), 7_000);
  const again = ['p7 to resident: line-not-clear'];
  row('eight seconds later they are told again', toldAgain, 'clearing, told', again);
  row('and not at once once more', toldAgain.on(inspected('held'), 7_999), 'clearing, told', []);
  row('told again although the end of the last time is lost', told.on(inspected('held'), 8_000), 'clearing, told', [
    'stop p6',
    ...again,
  ]);
  row('and asked again a second later', told.on(deadline), 'clearing, told', ['inspect', 'wake deadline 1 s']);
  row('until it is clear', told.on(finished(6)).on(deadline).on(inspected('clear')), 'calling-police', calls(7));
  row('clear while the resident is still being told: cut short', told.on(inspected('clear')), 'calling-police', [
    'stop p6',
    ...calls(7),
  ]);
  row('a second key changes nothing', told.on(presses('resident', '1')), 'clearing, told', []);
  row(
    'resident hangs up',
    told.on(hangsUp('resident')),
    'ended, talked by caller 16',
    concludes('talked by caller 16'),
  );
  const living = guarded.on(presses('resident', '*')).on(presses('resident', '1'));
  row('the caller’s leg still lives: hung up once more', living.on(inspected('clearing')), 'clearing, told', [
    'hang up caller 16',
    ...tells,
  ]);
  row('another caller is there, too: each is hung up once', living.on(inspected('crowded')), 'clearing, told', [
    'hang up caller 16',
    'cut d d-resident',
    ...tells,
  ]);
  row('and again with each look', living.on(deadline), 'clearing', [
    'hang up caller 16',
    'inspect',
    'wake deadline 1 s',
  ]);
});

describe('calling the police', () => {
  const calling = guarded.on(hangsUp('caller')).on(presses('resident', '1')).on(inspected('clear'));
  const talking = calling.on(answers('police'));
  const fails = (...first: string[]) => [...first, 'wake deadline 22 s', 'p7 to resident: cannot-reach'];
  const parting = 'parting from resident, talked by caller 16';
  row('they answer', talking, 'calling-police, connected', [
    'stop p6',
    'unwake deadline',
    'connect resident and police',
  ]);
  row('they answer twice', talking.on(answers('police')), 'calling-police, connected', []);
  row('no trunk takes the call', calling.on(hangsUp('police', 20)), parting, fails('stop p6'));
  row('nobody answers', calling.on(deadline), parting, [
    'stop p6',
    'wake deadline 22 s',
    'hang up police 16',
    'p7 to resident: cannot-reach',
  ]);
  row('Asterisk cannot connect them', talking.on(failed('Connect')), parting, [
    'wake deadline 22 s',
    'hang up police 16',
    'p7 to resident: cannot-reach',
  ]);
  row('the words before it cannot be played: it goes on', calling.on(failed('Play', 'c-p6')), 'calling-police', []);
  row('a later look at the line changes nothing', calling.on(inspected('clearing')), 'calling-police', []);
  row(
    'resident hangs up while it rings',
    calling.on(hangsUp('resident')),
    'closing, talked by caller 16',
    closes('police 16'),
  );
  row('resident hangs up in it', talking.on(hangsUp('resident')), 'closing, talked by caller 16', closes('police 16'));
  row('they hang up', talking.on(hangsUp('police')), 'closing, talked by caller 16', closes('resident 16'));
  row('it has no deadline', talking.on(deadline), 'calling-police, connected', []);
});
