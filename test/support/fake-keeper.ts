import type { CallKeeper, KeptEntry } from '../../services/core/ports.ts';

/** Calls kept in memory, as text. */
export interface FakeKeeper extends CallKeeper {
  away: boolean;
}

export function fakeKeeper(): FakeKeeper {
  const kept = new Map<string, string[]>();
  return {
    away: false,
    keep(call, entries) {
      if (this.away) return;
      kept.set(call, [...(kept.get(call) ?? []), ...entries.map((entry) => JSON.stringify(entry))]);
    },
    drop(call) {
      if (!this.away) kept.delete(call);
    },
    async load() {
      if (this.away) return null;
      return new Map([...kept].map(([call, texts]) => [call, texts.map((text) => JSON.parse(text) as KeptEntry)]));
    },
  };
}
