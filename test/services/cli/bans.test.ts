import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../services/core/ports.ts';
import { desk, fakeAmi } from './world.ts';

const now = Date.UTC(2026, 10, 22, 21, 0, 0);
const seconds = now / 1000;

/** A command line before an AMI that keeps these bans. */
async function bansOf(
  kept: Readonly<Record<string, string>> | null,
  args: readonly string[],
  reply: Reply = { ok: true },
) {
  const removed: string[] = [];
  const bans = {
    read: async () => kept && new Map(Object.entries(kept)),
    remove: async (family: string, address: string) => {
      removed.push(`${family} ${address}`);
      return reply;
    },
  };
  const passwords = ['ARI', 'AMI', 'STAFF_PHONE', 'WATCH'].map((name) => [`CLEARLINE_${name}_PASSWORD`, 'a-password']);
  const env = Object.fromEntries(passwords);
  const at = desk([], { now: () => now, timeZone: 'UTC', env, openAmi: () => fakeAmi({ bans }) });
  try {
    return { ...(await at.run('bans', ...args)), removed };
  } finally {
    at.remove();
  }
}

const inForce = `${seconds - 60} ${seconds + 240} 1`;
const kept = {
  '192.0.2.7': inForce,
  '2001:db8:0:1::': `${seconds - 60} ${seconds + 1140} 3`,
  '192.0.2.8': `${seconds - 600} ${seconds - 300} 1`,
  '192.0.2.9': 'nonsense',
};

describe('clearline bans', () => {
  it('shows those in force, the longest first', async () => {
    const { code, out } = await bansOf(kept, []);
    expect(code).toBe(0);
    expect(out).toMatch(/2001:db8:0:1::\/64 .*3 times in a row\n192\.0\.2\.7 .*the first time$/);
    expect(out).not.toMatch(/192\.0\.2\.[89]/);
  });

  it('says that nobody is', async () => {
    expect(await bansOf({}, [])).toMatchObject({ code: 0, out: 'Nobody is shut out.' });
  });

  it('says that AMI is silent', async () => {
    expect(await bansOf(null, [])).toMatchObject({ code: 1, err: expect.stringContaining('AMI did not say') });
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:DB8:0:1::/64', '2001:db8:0:1::'],
  ])('lifts that of %s', async (written, address) => {
    expect(await bansOf(kept, ['lift', written])).toMatchObject({ code: 0, removed: [`bans ${address}`] });
  });

  it('lifts none that is not there', async () => {
    expect(await bansOf(kept, ['lift', '192.0.2.8'])).toMatchObject({ code: 1, removed: [] });
  });

  it('says that a ban stays when AMI does not take it away', async () => {
    const refused = { ok: false, gone: false, why: 'no' } as const;
    expect(await bansOf(kept, ['lift', '192.0.2.7'], refused)).toMatchObject({
      code: 1,
      err: expect.stringContaining('still shut out: no'),
    });
  });
});
