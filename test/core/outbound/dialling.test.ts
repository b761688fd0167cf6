import { describe } from 'vitest';
import {
  answers,
  cameBack,
  deadline,
  dialled,
  dialling,
  failed,
  finished,
  hangsUp,
  lookTime,
  ringing,
  Story,
} from './story.ts';
import { closes, concludes, goesOn, looks, parts, row } from './table.ts';

/** What becomes of a number that was dialled: its class, the site's policy, the hold on the line. */

const begins = (...event: Parameters<typeof dialled>) => new Story().on(dialled(...event));
const pretended = { by: 'ghost-dial', outOf: 'i' } as const;
const watched = ['wake deadline 7200 s', 'unwake inspect', 'unwake words'];

describe('an emergency number', () => {
  const emergency = ['put 999 through, emergency', 'cut others', ...watched, 'wake inspect 1 s'];
  row('from the telephone is on its way: the others are cut', begins('emergency'), 'gone on, emergency', [
    'cut others',
    ...watched,
    'wake inspect 0.15 s',
  ]);
  row('on a held line likewise', begins('emergency', { held: true }), 'gone on, emergency', [
    'cut others',
    ...watched,
    'wake inspect 0.15 s',
  ]);
  row('that the dialplan dials is only watched', begins('emergency').on(dialling('one')), 'gone on, emergency', [
    'unwake inspect',
  ]);
  row(
    'of whose dialling nothing is heard is handed to the dialplan, again and again',
    begins('emergency').on(lookTime).on(lookTime).on(lookTime).on(lookTime).on(lookTime).on(lookTime).on(lookTime),
    'gone on, emergency',
    [...goesOn('emergency', '999'), 'wake inspect 1 s'],
  );
  row('keyed inside a suspect call', begins('emergency', pretended), 'gone on, emergency', emergency);
  row('keyed inside a call on a held line', begins('emergency', { ...pretended, held: true }), 'gone on, emergency', [
    ...emergency,
  ]);
  row('of a promised call back', begins('emergency', { by: 'call-back' }), 'gone on, emergency', emergency);
  row('from a telephone that was rung', begins('emergency', { answered: true }), 'gone on, emergency', emergency);
  row(
    'that Asterisk did not hand over',
    begins('emergency', pretended).on(failed('PutThrough')),
    'gone on, emergency',
    ['wake inspect 1 s'],
  );
  row(
    'is asked for again',
    begins('emergency', pretended).on(failed('PutThrough')).on(lookTime),
    'gone on, emergency',
    [...goesOn('emergency', '999'), 'wake inspect 1 s'],
  );
  row('that comes back goes out again', begins('emergency', pretended).on(cameBack()), 'gone on, emergency', [
    ...goesOn('emergency', '999'),
    'wake inspect 1 s',
  ]);
  row('answered', begins('emergency').on(dialling('one')).on(answers('far')), 'connected', [
    'unwake inspect',
    'unwake deadline',
  ]);
  row('answered though nothing was heard before', begins('emergency').on(answers('far')), 'connected', [
    'unwake inspect',
    'unwake deadline',
  ]);
});

describe('an ordinary number', () => {
  const number = '+441923555777';
  const ending = 'not-allowed by clearline 21';
  const held = (policy: 'connect' | 'warn' | 'refuse', answered = false) =>
    Story.with({ ordinaryWhileHeld: policy }).on(dialled('ordinary', { held: true, answered }));
  row('on a free line', begins('ordinary'), 'gone on, any', goesOn('any', number));
  row('on a held line that connects', held('connect'), 'gone on, any', goesOn('any', number));
  row('on a held line that refuses', held('refuse'), `parting, ${ending}`, [
    ...parts('answer resident', 'p1 to resident: held-refused'),
  ]);
  row('refused to somebody already answered', held('refuse', true), `parting, ${ending}`, [
    ...parts('p1 to resident: held-refused'),
  ]);
  row('refused, the words are over', held('refuse').on(finished(1)), `closing, ${ending}`, closes('resident 21'));
  row('refused, the words are lost', held('refuse').on(deadline), `closing, ${ending}`, [
    'stop p1',
    ...closes('resident 21'),
  ]);
  row('refused, hung up', held('refuse').on(hangsUp('resident')), `ended, ${ending}`, [
    'stop p1',
    ...concludes(ending),
  ]);
  row('on a held line that warns', held('warn'), 'warning', [
    'wake deadline 30 s',
    'answer resident',
    'p1 to resident: held-warning',
  ]);
  row('warned to the end', held('warn').on(finished(1)), 'gone on, any', goesOn('any', number));
  row('whose warning cannot be played', held('warn').on(failed('Play', 'c-p1')), 'gone on, any', goesOn('any', number));
  row('whose warning’s end is lost', held('warn').on(deadline), 'gone on, any', ['stop p1', ...goesOn('any', number)]);
  row('hung up at the warning', held('warn').on(hangsUp('resident')), 'ended, given-up by resident 16', [
    'stop p1',
    ...concludes('given-up by resident 16'),
  ]);
  const out = begins('ordinary');
  row('rings', out.on(dialling('one')).on(ringing), 'gone on, any', []);
  row('answered: no audit', out.on(answers('far')), 'connected', ['unwake inspect', 'unwake deadline']);
  row('comes back although it never should', out.on(cameBack()), 'parting, not-connected by clearline 16', [
    ...parts('answer resident', 'p1 to resident: cannot-reach'),
  ]);
  row('is not taken', out.on(failed('PutThrough')).on(lookTime), 'gone on, any', goesOn('any', number));
  row(
    'is not taken again and again',
    out.on(lookTime).on(lookTime).on(lookTime).on(lookTime).on(lookTime),
    'parting, not-connected by clearline 16',
    parts('answer resident', 'p1 to resident: cannot-reach'),
  );
  row('is not taken, but was', out.on(dialling('one')).on(failed('PutThrough')), 'gone on, any', []);
});

describe('a premium number', () => {
  const ending = 'not-allowed by clearline 21';
  const words = (prompt: string) => parts('answer resident', `p1 to resident: ${prompt}`);
  row('on a free line', begins('premium'), 'gone on, any', goesOn('any', '+449011234567'));
  row('on a held line', begins('premium', { held: true }), `parting, ${ending}`, words('held-refused'));
  const never = Story.with({ premium: 'refuse' });
  row('where none is connected', never.on(dialled('premium')), `parting, ${ending}`, words('premium-refused'));
  row('where none is, on a held line', never.on(dialled('premium', { held: true })), `parting, ${ending}`, [
    ...words('premium-refused'),
  ]);
});

describe('a guarded number', () => {
  const checks = ['cut others', ...looks, 'wake deadline 300 s'];
  row('from the telephone is not answered: the line is looked at', begins('guarded'), 'checking', [
    ...checks,
    'wake words 0.6 s',
  ]);
  row('on a held line likewise', begins('guarded', { held: true }), 'checking', [...checks, 'wake words 0.6 s']);
  const sentence = (prompt: string) => [...checks, `p1 to resident: ${prompt}`, 'wake words 15 s'];
  row('keyed inside a suspect call', begins('guarded', pretended), 'checking', sentence('ghost-dialled'));
  row('after the advice', begins('guarded', { by: 'advice' }), 'checking', sentence('reaching-101'));
  row('of a promised call back', begins('guarded', { by: 'call-back' }), 'checking', sentence('call-back'));
  row('dialled once, told twice', begins('guarded').on(dialled('guarded')), 'checking', []);
});

describe('the watch over a call that is the dialplan’s', () => {
  const out = begins('ordinary').on(dialling('one')).on(ringing);
  const ended = (ending: string) => [...closes('far 16'), ending];
  row('the resident gives up', out.on(hangsUp('resident', 127)), 'closing, given-up by resident 16', [
    ...ended('').slice(0, -1),
  ]);
  row('both are gone', out.on(hangsUp('resident', 0)).on(hangsUp('far')), 'ended, given-up by resident 16', [
    'unwake deadline',
    'conclude given-up by resident 16',
  ]);
  row('a trunk refuses, the next one rings', out.on(hangsUp('far', 38)).on(dialling('two')), 'gone on, any', []);
  row(
    'every trunk refuses, and the dialplan ends it',
    out.on(hangsUp('far', 38)).on(hangsUp('resident', 16)),
    'ended, not-connected by far 38',
    concludes('not-connected by far 38'),
  );
  row(
    'the far end is busy, and the dialplan ends it',
    begins('ordinary').on(hangsUp('resident', 17)),
    'ended, not-connected by far 17',
    [...concludes('not-connected by far 17')],
  );
  row(
    'a trunk refused, the next one rang, the resident gave up',
    out.on(hangsUp('far', 38)).on(dialling('two')).on(hangsUp('resident')),
    'closing, given-up by resident 16',
    closes('far 16'),
  );
  row(
    'nothing is heard for hours: the record is closed, the call left alone',
    out.on(deadline),
    'ended, not-connected by clearline 31',
    ['unwake inspect', 'unwake deadline', 'conclude not-connected by clearline 31'],
  );
  const talks = out.on(answers('far'));
  row('nobody waits while people talk', talks.on(deadline), 'connected', []);
  row('the resident hangs up', talks.on(hangsUp('resident')), 'closing, connected by resident 16', closes('far 16'));
  row('the far end hangs up: the dialplan ends the rest', talks.on(hangsUp('far')), 'closing, connected by far 16', [
    'wake deadline 30 s',
    'unwake inspect',
    'unwake words',
  ]);
  row('and the resident after it', talks.on(hangsUp('far')).on(hangsUp('resident')), 'ended, connected by far 16', [
    'unwake deadline',
    'conclude connected by far 16',
  ]);
  row('the resident’s end is lost', talks.on(hangsUp('far')).on(deadline), 'ended, connected by far 16', [
    'unwake deadline',
    'conclude connected by far 16',
  ]);
  row('the resident comes back instead', talks.on(cameBack('ANSWER', 16)), 'closing, connected by far 16', [
    ...closes('resident 16', 'far 16'),
  ]);
  const gone = begins('ordinary').on(hangsUp('resident'));
  row('somebody answers for a resident who has gone', gone.on(answers('far')), 'ended, given-up by resident 16', [
    'hang up far 16',
  ]);
});

describe('the limits of calls that cost money', () => {
  const ending = 'not-allowed by clearline 21';
  const refused = (alert: string) => [`raise ${alert}`, ...parts('answer resident', `p1 to resident: ${alert}`)];
  const france = { class: 'ordinary', number: '+33123456789', prefix: null, abroad: true } as const;
  const trusting = { ...dialled('ordinary').line, trusted: [{ number: france.number, name: 'Marie' }] };
  const toll = (atOnce: number, lastHour = 0, premiumLastHour = 0) => ({ toll: { atOnce, lastHour, premiumLastHour } });
  const noneAbroad = (changes: Parameters<typeof dialled>[1]) =>
    Story.with({ abroad: 'refuse' }).on(dialled('ordinary', { number: france, ...changes }));

  row('a number abroad where the site refuses those', noneAbroad({}), `parting, ${ending}`, refused('abroad-refused'));
  row('a number abroad of somebody whom the line trusts', noneAbroad({ line: trusting }), 'gone on, any', [
    ...goesOn('any', france.number),
  ]);
  row(
    'a number abroad where the site connects those',
    new Story().on(dialled('ordinary', { number: france })),
    'gone on, any',
    goesOn('any', france.number),
  );
  row('one call too many at once', begins('ordinary', toll(3)), `parting, ${ending}`, refused('too-many-calls'));
  row('to somebody whom the line trusts, too', noneAbroad({ line: trusting, ...toll(3) }), `parting, ${ending}`, [
    ...refused('too-many-calls'),
  ]);
  row('as many as there may be at once', begins('ordinary', toll(2)), 'gone on, any', goesOn('any', '+441923555777'));
  row('one too many in an hour', begins('ordinary', toll(1, 60)), `parting, ${ending}`, refused('too-many-calls'));
  row('as many as there may be in an hour', begins('ordinary', toll(1, 59, 5)), 'gone on, any', [
    ...goesOn('any', '+441923555777'),
  ]);
  row(
    'to somebody whom the line trusts, however often',
    noneAbroad({ line: trusting, ...toll(1, 500) }),
    'gone on, any',
    [...goesOn('any', france.number)],
  );
  row('one premium call too many', begins('premium', toll(1, 5, 5)), `parting, ${ending}`, refused('too-many-calls'));
  row(
    'a premium call among the first',
    begins('premium', toll(1, 5, 4)),
    'gone on, any',
    goesOn('any', '+449011234567'),
  );
  row('never 101', begins('guarded', toll(9, 900, 900)), 'checking', begins('guarded').does);
  row('never 999', begins('emergency', toll(9, 900, 900)), 'gone on, emergency', begins('emergency').does);
});
