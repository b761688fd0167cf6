import { beforeEach, describe, expect, it } from 'vitest';
import type { BanFamily, BanShelf } from '../../../services/adapters/ami-bans.ts';
import { firstBanMs } from '../../../services/core/guessing.ts';
import type { RaisedAlert, Reply } from '../../../services/core/ports.ts';
import { Doorkeeper, type DoorkeeperParts } from '../../../services/interceptor/door/doorkeeper.ts';
import { GuessBook } from '../../../services/interceptor/door/guess-book.ts';
import { memoryLog } from '../../support/log.ts';
import { until } from '../../support/until.ts';

const start = 1_795_381_785_000;
const guesser = '192.0.2.66';

/** Asterisk as a doorkeeper sees it: AstDB, the registered telephones, and whom it was told to refuse. */
class FakeAsterisk {
  now = start;
  readonly kept: Record<BanFamily, Map<string, string>> = { bans: new Map(), proven: new Map() };
  telephones: readonly string[] | null = [];
  refused: readonly string[] = [];
  loaded: readonly string[] = [];
  readonly alerts: RaisedAlert[] = [];
  readonly bans: BanShelf = {
    read: async (family) => new Map(this.kept[family]),
    put: async (family, address, value) => this.done(() => this.kept[family].set(address, value)),
    remove: async (family, address) => this.done(() => this.kept[family].delete(address)),
    telephones: async () => this.telephones,
  };

  parts(changes: Partial<DoorkeeperParts> = {}): DoorkeeperParts {
    return {
      ami: {
        bans: this.bans,
        reload: async () => {
          this.loaded = this.refused;
          return true;
        },
      },
      writeBans: async (addresses) => {
        const changed = addresses.join() !== this.refused.join();
        this.refused = addresses;
        return changed;
      },
      neverBan: ['198.51.100.0/24'],
      trunks: ['203.0.113.5:5060'],
      alerts: { put: async (alert) => void this.alerts.push(alert) },
      log: memoryLog(),
      clock: () => this.now,
      ...changes,
    };
  }

  private done(work: () => void): Reply {
    work();
    return { ok: true };
  }
}

let asterisk: FakeAsterisk;
beforeEach(() => {
  asterisk = new FakeAsterisk();
});

async function opened(changes?: Partial<DoorkeeperParts>): Promise<Doorkeeper> {
  const keeper = new Doorkeeper(asterisk.parts(changes));
  await keeper.open();
  // Looked at by the test, and not every two seconds.
  keeper.close();
  return keeper;
}

const copy = {
  at: start,
  callId: 'c',
  method: 'REGISTER',
  status: 401,
  sequence: 1,
  fromTag: '',
  toTag: '',
  sentBy: 'us',
} as const;
const peer = { family: 'ipv4', port: 5060 } as const;
function challenge(keeper: Doorkeeper, nonce: string, address: string): void {
  keeper.hearMessage({
    ...copy,
    nonce,
    source: { ...peer, address: '192.0.2.1' },
    destination: { ...peer, address },
  });
}
function guess(keeper: Doorkeeper, address: string, times = 10, challenged = address): void {
  for (let turn = 0; turn < times; turn += 1) {
    const nonce = `${address}-${turn}`;
    challenge(keeper, nonce, challenged);
    keeper.hear({ kind: 'wrong', account: 'room-1', address, nonce });
  }
}
const judged = () => until('the guesses are judged', () => asterisk.alerts.length > 0);

describe('a doorkeeper', () => {
  it('bans whoever guesses, keeps the ban, and lets them in when it is over', async () => {
    const keeper = await opened();
    guess(keeper, guesser);
    await until('the guesser is refused', () => asterisk.loaded.includes(guesser));
    expect(asterisk.alerts).toMatchObject([{ kind: 'password-guessing', line: '', call: null }]);
    expect(asterisk.kept.bans.get(guesser)).toBe(`${start / 1000} ${(start + firstBanMs) / 1000} 1`);
    await opened();
    expect(asterisk.loaded).toEqual([guesser]);
    asterisk.now += firstBanMs;
    await opened();
    expect(asterisk.loaded).toEqual([]);
  });

  it('lets them in when the ban is taken out of AstDB', async () => {
    guess(await opened(), guesser);
    await until('the guesser is refused', () => asterisk.loaded.includes(guesser));
    asterisk.kept.bans.clear();
    await opened();
    expect(asterisk.loaded).toEqual([]);
  });

  it.each<[string, string, (keeper: Doorkeeper) => void]>([
    ['a telephone is registered', guesser, () => (asterisk.telephones = [guesser])],
    ['Asterisk does not say where telephones are', guesser, () => (asterisk.telephones = null)],
    ['a trunk is', '203.0.113.5', () => {}],
    ['the site says so', '198.51.100.9', () => {}],
    ['this machine is', '127.0.0.1', () => {}],
    [
      'a password was proved lately',
      guesser,
      (keeper) => keeper.hear({ kind: 'proved', account: 'a', address: guesser, nonce: '' }),
    ],
  ])('tells of guesses but bans nobody where %s', async (_, address, prepare) => {
    const keeper = await opened();
    prepare(keeper);
    guess(keeper, address);
    await judged();
    await opened();
    expect(asterisk.kept.bans.size).toBe(0);
  });

  it('knows after a restart where a password was proved, for a week', async () => {
    (await opened()).hear({ kind: 'proved', account: 'a', address: guesser, nonce: '' });
    guess(await opened(), guesser);
    await judged();
    expect(asterisk.kept.bans.size).toBe(0);
    asterisk.now += 8 * 86_400_000;
    guess(await opened(), guesser);
    await until('the guesser is refused', () => asterisk.loaded.includes(guesser));
  });

  it('counts no answer to a challenge that was sent to somebody else', async () => {
    const keeper = await opened();
    guess(keeper, guesser, 100, '192.0.2.67');
    guess(keeper, '192.0.2.68');
    await until('another is refused', () => asterisk.loaded.includes('192.0.2.68'));
    expect(asterisk.loaded).toEqual(['192.0.2.68']);
  });

  it('counts answers whose challenge is heard of later, as long as it is not much later', async () => {
    const keeper = await opened();
    const wrong = (address: string, nonce: string) => keeper.hear({ kind: 'wrong', account: 'room-1', address, nonce });
    for (const address of [guesser, '192.0.2.68']) guess(keeper, address, 8);
    // Asterisk asks with the same words for a second.
    for (let turn = 0; turn < 2; turn += 1) {
      wrong('192.0.2.68', 'late');
      wrong(guesser, 'much later');
      // Nobody is asked with these.
      wrong('192.0.2.69', 'late');
    }
    asterisk.now += 9_000;
    challenge(keeper, 'late', '192.0.2.68');
    asterisk.now += 9_000;
    challenge(keeper, 'much later', guesser);
    await until('one is refused', () => asterisk.loaded.length > 0);
    expect(asterisk.loaded).toEqual(['192.0.2.68']);
    expect(asterisk.alerts).toHaveLength(1);
  });

  it('takes out of AstDB what is forgotten or no ban, and refuses nobody for it', async () => {
    asterisk.kept.bans.set('192.0.2.1', `${start / 1000 - 200_000} ${start / 1000 - 100_000} 1`);
    asterisk.kept.bans.set('192.0.2.2', 'nonsense');
    await opened();
    expect([...asterisk.kept.bans.keys()]).toEqual([]);
    expect(asterisk.loaded).toEqual([]);
  });
});

it('keeps only so much in a flood from every address there is', () => {
  const book = new GuessBook();
  for (let turn = 0; turn < 30_000; turn += 1) {
    const address = `10.${turn >> 16}.${(turn >> 8) & 255}.${turn & 255}`;
    book.challenged(`nonce-${turn}`, address, start + turn);
    book.answeredWrong(`nonce-${turn}`, address, start + turn);
    book.answeredWrong(`never-${turn}`, address, start + turn);
  }
  expect(book.size).toBeLessThanOrEqual(2 * 4_096 + 2 * 20_000);
});
