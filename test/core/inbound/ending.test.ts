import { describe } from 'vitest';
import { answers, arrived, deadline, failed, finished, hangsUp, presses, Story } from './story.ts';
import { closes, concludes, row } from './table.ts';

/** Last words, the hang-ups, and the conclusion. */

describe('last words', () => {
  const refusing = new Story().on(arrived({ mode: 'trusted-only', caller: 'villain' }));
  const ending = 'refused by clearline 16';
  row('heard', refusing.on(finished(1)), `closing, ${ending}`, closes('caller 16'));
  row('that Asterisk cannot play', refusing.on(failed('Play', 'c-p1')), `closing, ${ending}`, closes('caller 16'));
  row('whose end is lost', refusing.on(deadline), `closing, ${ending}`, ['stop p1', ...closes('caller 16')]);
  row('not waited for: the refusal stands', refusing.on(hangsUp('caller')), `ended, ${ending}`, concludes(ending));
  row('another prompt’s end does not cut them short', refusing.on(finished(9)), `parting from caller, ${ending}`, []);
});

describe('the hang-ups', () => {
  const trusted = new Story().on(arrived({ caller: 'anna' }));
  const talked = trusted.on(answers('resident')).on(hangsUp('resident'));
  const gaveUp = trusted.on(hangsUp('caller', 127));
  const missed = trusted.on(deadline);
  row('the last leg is gone: concluded', talked.on(hangsUp('caller')), 'ended, talked by resident 16', [
    'unwake deadline',
    'conclude talked by resident 16',
  ]);
  row(
    'one of two is gone: the other is awaited',
    missed.on(hangsUp('caller', 19)),
    'closing, no-answer by resident 19',
    [],
  );
  row(
    'a hang-up told twice counts once',
    missed.on(hangsUp('caller', 19)).on(hangsUp('caller', 19)),
    'closing, no-answer by resident 19',
    [],
  );
  row('never confirmed: concluded all the same', talked.on(deadline), 'ended, talked by resident 16', [
    'unwake deadline',
    'conclude talked by resident 16',
  ]);
  row(
    'the resident answers just after the caller gave up',
    gaveUp.on(answers('resident')),
    'closing, caller-gone by caller 16',
    ['hang up resident 16'],
  );
  row('and is awaited', gaveUp.on(answers('resident')).on(hangsUp('resident')), 'ended, caller-gone by caller 16', [
    'unwake deadline',
    'conclude caller-gone by caller 16',
  ]);
  row(
    'Asterisk refuses one: its deadline decides',
    talked.on(failed('HangUp', 'caller')),
    'closing, talked by resident 16',
    [],
  );
  row('a key in it changes nothing', talked.on(presses('caller', '1')), 'closing, talked by resident 16', []);
});

describe('a phone whose ringing was thought to have failed', () => {
  const announced = new Story().on(arrived({ mode: 'announce' })).on(finished(1));
  const lost = announced.on(hangsUp('resident', 20));
  row(
    'is hung up when it is answered after all',
    lost.on(answers('resident')),
    'parting from caller, not-reachable by clearline 16',
    ['hang up resident 16'],
  );
  row(
    'is awaited from then on',
    lost.on(answers('resident')).on(hangsUp('caller')),
    'closing, not-reachable by clearline 16',
    closes('resident 16'),
  );
  const over = lost.on(hangsUp('caller'));
  row('is hung up even when the call is on record', over.on(answers('resident')), over.stage, ['hang up resident 16']);
});

describe('after the conclusion', () => {
  const ended = new Story().on(arrived({ known: false })).on(hangsUp('caller', 1));
  row('the call has ended', ended, 'ended, unknown-number by clearline 1', [
    'unwake deadline',
    'conclude unknown-number by clearline 1',
  ]);
  row('a late hang-up changes nothing', ended.on(hangsUp('resident')), ended.stage, []);
  row('a late deadline changes nothing', ended.on(deadline), ended.stage, []);
});
