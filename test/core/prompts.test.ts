import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../scripts/prompts/manifest.ts';
import { speechLevel, speechLevelOf } from '../../scripts/prompts/shape.ts';
import { fingerprint, parseWording, sentencesOf, sha256 } from '../../scripts/prompts/wording.ts';
import { promptNames } from '../../services/core/call.ts';
import { decodeWav, encodeWav } from '../../services/wav.ts';

const folder = join(import.meta.dirname, '../../dialplan/sounds/en_GB');
const wording = parseWording(readFileSync(join(folder, 'prompts.yaml'), 'utf8'));
const manifest = parseManifest(readFileSync(join(folder, 'rendered.json'), 'utf8'));
const digits = Array.from({ length: 10 }, (_, digit) => `digit-${digit}`);
const names = [...promptNames, ...digits];
const prompts = Object.entries(wording.prompts);
const sentences = prompts.flatMap(([name, { text }]) => text.split(/(?<=[.?!])\s+/).map((said) => ({ name, said })));
const textOf = (name: string) => wording.prompts[name]?.text ?? '';

test('every prompt of the flow and every digit has its wording, and nothing else has', () => {
  expect(Object.keys(wording.prompts).toSorted()).toEqual(names.toSorted());
  expect(Object.keys(manifest.prompts).toSorted()).toEqual(names.toSorted());
});

describe('sound files', () => {
  const files = names.flatMap((name) => [
    { name, ending: 'wav', rate: 8_000 } as const,
    { name, ending: 'wav16', rate: 16_000 } as const,
  ]);

  test.each(files)('$name as $ending is speech that Asterisk can play', ({ name, ending, rate }) => {
    const file = readFileSync(join(folder, `${name}.${ending}`));
    const wave = decodeWav(file);
    expect(wave).toMatchObject({ rate, channels: 1, bits: 16 });
    // Asterisk reads the sound from byte 44 on, whatever other chunks a header has.
    expect(file.length).toBe(44 + wave.samples.length * 2);

    const seconds = wave.samples.length / rate;
    expect(seconds).toBeGreaterThan(0.3);
    expect(seconds).toBeLessThanOrEqual(20);

    const level = speechLevelOf(wave.samples, rate);
    expect(Math.abs(level - speechLevel), `speech at ${level} dBov`).toBeLessThan(ending === 'wav' ? 0.5 : 2);
    const peak = wave.samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
    expect(peak, 'clipped').toBeLessThan(32_767);
  });

  // Measured on the master: the ordinary telephone's band carries little of the s that a word may begin with.
  test.each(names)('%s begins at once', (name) => {
    const { samples, rate } = decodeWav(readFileSync(join(folder, `${name}.wav16`)));
    const firstHeard = samples.findIndex((sample) => Math.abs(sample) > 328);
    expect((firstHeard * 1000) / rate, 'ms of silence before the first word').toBeLessThanOrEqual(50);
  });

  test.each(names)('%s is its present wording, spoken, in the one voice', (name) => {
    const rendered = manifest.prompts[name];
    const hint = `wording and sound of ${name} differ: run npm run prompts`;
    expect(rendered?.wording, hint).toBe(fingerprint(wording, name, manifest.voice));
    expect(rendered?.wav, hint).toBe(sha256(readFileSync(join(folder, `${name}.wav`))));
    expect(rendered?.wav16, hint).toBe(sha256(readFileSync(join(folder, `${name}.wav16`))));
  });

  test('after a prompt that ends in a key there is half a second to press it', () => {
    const asking = prompts.filter(
      ([name, { text, followedBy }]) => /press \w+\.$/.test(text) || (!followedBy && digits.includes(name)),
    );
    expect(asking.length).toBeGreaterThan(digits.length);
    for (const [name] of asking) {
      const { samples, rate } = decodeWav(readFileSync(join(folder, `${name}.wav`)));
      const lastHeard = samples.findLastIndex((sample) => Math.abs(sample) > 328);
      expect((samples.length - lastHeard) / rate, name).toBeGreaterThanOrEqual(0.5);
    }
  });
});

describe('wording', () => {
  test('says what a key is for before it names the key', () => {
    const asking = sentences.filter(({ said }) => /\bpress\b/i.test(said));
    expect(asking.length).toBeGreaterThan(5);
    for (const { name, said } of asking) expect(said, name).toMatch(/^To [a-z0-9, ]+, press( \w+\.)?$/);
  });

  test('a prompt that a digit, a name or a tone follows leads up to it', () => {
    for (const [name, { text, followedBy }] of prompts) {
      expect(/[a-z]$/.test(text) && !digits.includes(name), name).toBe(followedBy === 'digit');
      if (/press$/.test(text)) expect(followedBy, name).toBe('digit');
      expect(/:$/.test(text), name).toBe(followedBy === 'name');
      expect(/after the tone/.test(text), name).toBe(followedBy === 'tone');
    }
  });

  test('bank details, a PIN, money and cards are named only to say that nobody genuine asks for them', () => {
    const secrets = /\b(PIN|bank|account|money|cash|cards?|property|password|code)\b/i;
    const naming = sentences.filter(({ said }) => secrets.test(said));
    expect(naming.length).toBeGreaterThan(4);
    for (const { name, said } of naming) expect(said, name).toMatch(/\bnever ask\b/);
  });

  test('nobody is asked to say or enter a number', () => {
    const asking = /\b(say|enter|type|give|tell|key in|dial|press)\b[^.]*\b(number|date of birth|address|PIN)\b/i;
    for (const { name, said } of sentences) expect(said, name).not.toMatch(asking);
  });

  test('a machine says that it is one, in its first words to whoever answers or calls', () => {
    for (const name of ['announcement', 'announcement-strong', 'call-back']) {
      expect(textOf(name), name).toMatch(/^This is Clearline, an automatic service\b/);
    }
    for (const name of ['announcement', 'announcement-strong']) expect(textOf(name), name).toMatch(/line is protected/);
  });

  test('the warning says all that the bank and the police never ask, and says never each time', () => {
    const said = textOf('whisper-warning');
    expect(said).toMatch(/^Your bank and the police never ask for bank details or a PIN\./);
    expect(said).toMatch(/never ask you to withdraw money and hand it over, by courier, taxi or any other means\./);
    expect(said).toMatch(/never ask for your cards or property to be sent\.$/);
  });

  test('the words while a line is made safe say why, ask for nothing and promise the call', () => {
    expect(textOf('line-not-clear')).toMatch(/not safe yet.+earlier caller.+need do nothing.+you will be connected/);
    expect(textOf('hold-wait')).toMatch(/you will be connected/);
  });

  test('a call that is cut, and one that is not made, come with a reason or a way on', () => {
    expect(sentencesOf(wording, 'ghost-dialled')).toHaveLength(1);
    expect(textOf('ghost-dialled')).toMatch(/cut off because you dialled a safe number.+being connected/);
    expect(textOf('fake-dial-tone')).toMatch(/dial tone.+not real.+cut off/);
    // Not that staff know: a home may have none.
    expect(textOf('call-back-cannot')).toMatch(/could not be reached.+try again later, or use another telephone/);
    expect(textOf('held-refused')).toMatch(/999 and 101 always work/);
    for (const [name, { text }] of prompts) if (/^key-/.test(name)) expect(text, name).toMatch(/^To .+, press \d\.$/);
  });

  test('the warning before an ordinary call is over in a quarter of a minute', () => {
    const { samples, rate } = decodeWav(readFileSync(join(folder, 'held-warning.wav')));
    expect(samples.length / rate).toBeLessThanOrEqual(15);
    expect(textOf('held-warning')).toMatch(
      /asked you to ring this number, hang up now\..+ wait, and you will be connected/,
    );
  });

  test('leaves the voice no figure or abbreviation that it would read wrongly', () => {
    for (const name of names) {
      for (const { spoken } of sentencesOf(wording, name)) expect(spoken, name).not.toMatch(/\d{2,}|\b[A-Z]{2,}\b/);
    }
  });
});

describe('the page of wording', () => {
  test('a mistyped key, a command to the voice and an unknown listener are refused', () => {
    const page = (prompt: string) => `speed: 100\nsay: {}\nprompts: { hello: { ${prompt} } }`;
    expect(() => parseWording(page('text: Hello, heard: [caller], when: first, than: digit'))).toThrow(/than/);
    expect(() => parseWording(page('text: "<volume>", heard: [caller], when: first'))).toThrow(/plain words/);
    expect(() => parseWording(page('text: Hello, heard: [burglar], when: first'))).toThrow(/heard/);
  });

  test('a sound file belongs to its words, pace and voice: any other makes it stale', () => {
    const page = (speed: number, text: string) =>
      parseWording(`{speed: ${speed}, say: {}, prompts: {hello: {text: ${text}, heard: [caller], when: first}}}`);
    const prints = [
      fingerprint(page(100, 'Hello.'), 'hello', 'a'),
      fingerprint(page(90, 'Hello.'), 'hello', 'a'),
      fingerprint(page(100, 'Hello there.'), 'hello', 'a'),
      fingerprint(page(100, 'Hello.'), 'hello', 'b'),
    ];
    expect(new Set(prints).size).toBe(prints.length);
    expect(fingerprint(page(100, 'Hello.'), 'hello', 'a')).toBe(prints[0]);
  });
});

test('a WAV file holds what was put in', () => {
  const samples = Int16Array.from([0, 1, -1, 32_767, -32_768]);
  expect(decodeWav(encodeWav(samples, 8_000))).toEqual({ rate: 8_000, channels: 1, bits: 16, samples });
  expect(() => decodeWav(Buffer.from('not a sound file at all, but text'))).toThrow('not WAV');
});
