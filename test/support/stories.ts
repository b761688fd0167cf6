import { afterAll, beforeAll, expect, type TestContext, test, vi } from 'vitest';
import type { StoredLine } from '../../services/core/ports.ts';
import type { Phone } from './phone/phone.ts';
import { Scene } from './scene.ts';
import { type Site, type SiteOptions, startSite } from './site.ts';
import { makeTonePrompts } from './tone-prompts.ts';

/**
 * Stories of calls, many told at once on one stack: prompts play in real time, and most of a story is waiting. Each has a
 * line, a telephone and a caller of its own.
 */

export interface StoriesOptions extends Pick<SiteOptions, 'settings' | 'site' | 'net' | 'police' | 'carrier'> {
  /** Staff have a telephone, which is registered and rings. */
  readonly staff?: boolean;
  /** `tones` for what is said and when; `real` where the words themselves are the point. */
  readonly prompts: 'tones' | 'real';
  /** Lines of Asterisk's that these stories provoke. */
  readonly expectedComplaints?: RegExp;
  /** Told at the same time. */
  readonly atOnce?: number;
}

type Tell = (
  title: string,
  line: Partial<StoredLine> & { readonly phone?: boolean },
  tell: (scene: Scene) => Promise<void>,
) => void;

export interface Stories {
  /** Declares a concurrent test with a line of its own; `phone: false` leaves its telephone unregistered. */
  readonly story: Tell;
  /** One that the others must not overlap: told after those declared before it. */
  readonly storyAlone: Tell;
  /** A concurrent story of two lines of the same home, alike but for their numbers and telephones. */
  readonly storyOfTwo: (
    title: string,
    line: Partial<StoredLine>,
    tell: (one: Scene, other: Scene) => Promise<void>,
  ) => void;
  /** Every digit that a caller of these stories was asked to press. */
  readonly digitsAsked: () => readonly string[];
}

/** To be called at the top of a test file: it starts the site before the file's tests and stops it after them. */
export function stories(options: StoriesOptions): Stories {
  const { settings, staff = false, prompts, expectedComplaints = /^$/, atOnce = 12, ...trunks } = options;
  vi.setConfig({ maxConcurrency: atOnce });
  const lines: (Partial<StoredLine> & Pick<StoredLine, 'id' | 'number'>)[] = [];
  const digits: string[] = [];
  const tonePrompts = prompts === 'tones' ? makeTonePrompts() : null;
  let site: Site | undefined;
  let staffPhone: Phone | null = null;
  const theSite = () => {
    if (site === undefined) throw new Error('the site has not started yet');
    return site;
  };
  beforeAll(async () => {
    const sounds = tonePrompts && { sounds: { folder: tonePrompts.folder } };
    const staffed = staff && { staff: { phone: 'staff' } };
    site = await startSite({ ...trunks, lines, settings: { ...settings, ...sounds, ...staffed } });
    if (staff) staffPhone = await registerStaff(site);
  });
  afterAll(async () => {
    try {
      staffPhone?.close();
      await site?.untilQuiet();
      expect(site?.complaints().filter((line) => !expectedComplaints.test(line))).toEqual([]);
    } finally {
      await site?.stop();
      tonePrompts?.remove();
    }
  });
  const addLine = (line: Partial<StoredLine>) => {
    const index = lines.length;
    const id = `room-${index}`;
    const number = `+441923555${String(100 + index)}`;
    lines.push({ id, number, ...line });
    return { id, number, index, mode: line.mode ?? 'guarded' };
  };
  const open = (scenery: ReturnType<typeof addLine>, phone: boolean, context: TestContext) =>
    Scene.open(theSite(), scenery, phone, context, { digits, staff: staffPhone });
  const declare =
    (register: (title: string, run: (context: TestContext) => Promise<void>) => void): Tell =>
    (title, { phone = true, ...line }, tell) => {
      const scenery = addLine(line);
      register(title, async (context) => {
        const scene = await open(scenery, phone, context);
        try {
          await tell(scene);
        } finally {
          await scene.close();
        }
      });
    };
  const storyOfTwo: Stories['storyOfTwo'] = (title, line, tell) => {
    const sceneries = [addLine(line), addLine(line)] as const;
    test.concurrent(title, async (context) => {
      const one = await open(sceneries[0], true, context);
      const other = await open(sceneries[1], true, context);
      try {
        await tell(one, other);
      } finally {
        await Promise.all([one.close(), other.close()]);
      }
    });
  };
  return { story: declare(test.concurrent), storyAlone: declare(test), storyOfTwo, digitsAsked: () => digits };
}

function registerStaff({ phones, stack }: Site): Promise<Phone> {
  return phones().register({ address: '127.0.0.6', user: 'staff', password: stack.secrets.staffPhone });
}
