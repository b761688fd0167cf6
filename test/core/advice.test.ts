import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../scripts/prompts/manifest.ts';
import { fingerprint, parseWording, sha256 } from '../../scripts/prompts/wording.ts';
import { adviceFor, speakAdvice } from '../../services/core/advice.ts';
import { numberRules } from '../../services/core/number.ts';
import { gb } from '../../services/core/packs/gb.ts';
import { promptsFolder } from '../../services/sounds.ts';

const nothing = { emergency: [], guarded: [], premium: [], ordinary: [], abroadIsPremium: false, doNotOriginate: [] };
const plain = adviceFor(numberRules(gb, nothing));
const site = adviceFor(
  numberRules(gb, {
    ...nothing,
    guarded: [
      { number: '+44 345 600 2323', name: 'Our bank' },
      { number: '101', name: 'Police, again' },
    ],
    emergency: [{ number: '01923 555900', name: 'The pendants’ centre' }],
  }),
);

describe('the advice', () => {
  test('has the three rules of police and banks in the words of the warning that residents hear', () => {
    const { prompts } = parseWording(readFileSync(join(promptsFolder, 'prompts.yaml'), 'utf8'));
    expect(plain.rules.join(' ')).toBe(prompts['whisper-warning']?.text);
  });

  test('names the police, the bank and Report Fraud, and 999 for whoever comes to the door', () => {
    expect(plain.numbers.map(({ number }) => number)).toEqual(['101', '159', '0300 123 2040']);
    expect(plain.emergency).toEqual([{ name: 'If somebody comes for money or cards', number: '999' }]);
  });

  test('has the site’s own numbers, each once', () => {
    expect(site.numbers.slice(3)).toEqual([{ name: 'Our bank', number: '0345 600 2323' }]);
    expect(site.emergency.slice(1)).toEqual([{ name: 'The pendants’ centre', number: '01923 555900' }]);
  });
});

describe('spoken', () => {
  const sounds = speakAdvice(site).map(({ sound }) => sound);

  test('begins with the three rules and says the site’s number digit by digit, in the groups it is written in', () => {
    expect(sounds.slice(0, 2)).toEqual(['advice/opening', 'whisper-warning']);
    const own = sounds.indexOf('advice/own-number');
    const digits = speakAdvice(site).slice(own + 1, own + 12);
    expect(digits.map(({ sound }) => sound.at(-1)).join('')).toBe('03456002323');
    expect(digits.map(({ pauseMs }, at) => (pauseMs > 100 ? at : -1)).filter((at) => at >= 0)).toEqual([3, 6, 10]);
    expect(sounds.filter((sound) => sound === 'advice/own-number')).toHaveLength(1);
  });

  test('is made of sounds that are there, each with the words it has now', () => {
    const folder = join(promptsFolder, 'advice');
    const wording = parseWording(readFileSync(join(folder, 'prompts.yaml'), 'utf8'));
    const { voice, prompts } = parseManifest(readFileSync(join(folder, 'rendered.json'), 'utf8'));
    const own = [...new Set(sounds.flatMap((sound) => (sound.startsWith('advice/') ? [sound.slice(7)] : [])))];
    expect(own.toSorted()).toEqual(Object.keys(wording.prompts).toSorted());
    expect(parseManifest(readFileSync(join(promptsFolder, 'rendered.json'), 'utf8')).voice).toBe(voice);
    for (const name of own) {
      expect(prompts[name]?.wording, name).toBe(fingerprint(wording, name, voice));
      expect(prompts[name]?.wav16, name).toBe(sha256(readFileSync(join(folder, `${name}.wav16`))));
    }
    for (const sound of sounds) expect(() => readFileSync(join(promptsFolder, `${sound}.wav16`)), sound).not.toThrow();
  });
});
