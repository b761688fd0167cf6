import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../../services/adapters/sql/store.ts';
import { runCommand } from '../../../services/cli/program.ts';
import type { CommandAmi, World } from '../../../services/cli/world.ts';
import type { StoredLine } from '../../../services/core/ports.ts';
import type { FinishedCall } from '../../../services/core/record.ts';
import { fakeStore } from '../../support/fake-stores.ts';
import { monday } from '../../support/finished-call.ts';

/** A folder with a configuration, stores in memory, and a way to type commands. */
export interface Desk {
  readonly folder: string;
  readonly lines: Store['lines'];
  readonly calls: Store['calls'];
  readonly alerts: Store['alerts'];
  readonly lifts: Store['lifts'];
  run(...args: string[]): Promise<{ code: number; out: string; err: string }>;
  file(name: string, text: string): string;
  remove(): void;
}

export const goodConfig = `
site: { name: Cedar House, area: Rickmansworth }
staff: { phone: staff }
trunks:
  - { name: carrier, address: 192.0.2.7 }
  - { name: abroad, address: 192.0.2.8, international: true }
`;

export function desk(lines: readonly StoredLine[] = [], changes: Partial<World> = {}, config = goodConfig): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'clearline-cli-'));
  writeFileSync(join(folder, 'clearline.yaml'), config);
  const stores = fakeStore(lines);
  return {
    folder,
    ...stores,
    async run(...args) {
      const written = { out: [] as string[], err: [] as string[] };
      const code = await runCommand(args, {
        out: (text) => written.out.push(text),
        err: (text) => written.err.push(text),
        readInput: async () => new Uint8Array(),
        askPassword: async () => null,
        openStore: async () => stores,
        askRedis: async () => ({ owner: null, standby: null }),
        fetch: async () => new Response('', { status: 500 }),
        openAmi: () => fakeAmi(),
        now: () => monday,
        timeZone: 'Europe/London',
        ...changes,
        env: { CLEARLINE_CONFIG: join(folder, 'clearline.yaml'), ...changes.env },
      });
      return { code, out: written.out.join('\n'), err: written.err.join('\n') };
    },
    file(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** An AMI that sees no channel and no hold, unless the test says otherwise. */
export function fakeAmi(changes: Partial<CommandAmi> = {}): CommandAmi {
  return {
    bans: { read: async () => new Map(), remove: async () => ({ ok: true }) },
    whenReady: async () => {},
    listChannelsOf: async () => [],
    readHolds: async () => ({ until: new Map(), callers: new Map(), timed: new Map() }),
    removeHold: async () => ({ ok: true }),
    close: () => {},
    ...changes,
  };
}

export async function saveAll(to: Desk, calls: readonly FinishedCall[]): Promise<void> {
  for (const call of calls) await to.calls.save(call);
}
