import type { Lease, LeaseAnswer } from '../../services/core/ports.ts';

/** One lease for several owners, in memory; the clock is the test's. */
export function fakeLeases(clock: () => number) {
  const leaseMs = 3_000;
  const forget = () => ({
    held: null as { token: number; owner: string; until: number } | null,
    token: 0,
    standby: null as { owner: string; until: number } | null,
  });
  let kept = forget();
  let away = false;
  const open = (owner: string): Lease => {
    const tell = (): LeaseAnswer => {
      const { held, standby } = kept;
      if (held === null || held.until <= clock()) return { state: 'free' };
      if (held.owner !== owner) return { state: 'other', owner: held.owner };
      const awaited = standby !== null && standby.until > clock() && standby.owner !== owner;
      return { state: 'ours', token: String(held.token), awaited };
    };
    const own = (token: number) => {
      kept.held = { token, owner, until: clock() + leaseMs };
      return tell();
    };
    const ask = async (work: () => LeaseAnswer): Promise<LeaseAnswer> => (away ? { state: 'away' } : work());
    return {
      standBy: () =>
        ask(() => {
          kept.standby = { owner, until: clock() + 1_000 };
          return tell();
        }),
      take: (dead) =>
        ask(() => {
          const answer = tell();
          if (answer.state !== 'free' && !(answer.state === 'other' && answer.owner === dead)) return answer;
          kept.token += 1;
          return own(kept.token);
        }),
      renew: (token) =>
        ask(() => {
          const answer = tell();
          if (answer.state === 'ours') return answer.token === token ? own(Number(token)) : { state: 'free' };
          if (answer.state === 'other') return answer;
          if (kept.token > Number(token)) return answer;
          kept.token = Number(token);
          return own(Number(token));
        }),
      release: async (token) => {
        await ask(() => {
          const answer = tell();
          if (answer.state === 'ours' && answer.token === token) kept.held = null;
          return tell();
        });
      },
    };
  };
  return {
    open,
    setAway: (now: boolean) => {
      away = now;
    },
    /** As when it starts again without its data. */
    lose: () => {
      kept = forget();
    },
  };
}
