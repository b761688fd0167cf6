import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRecordingFolder, openRecordingShelf } from '../../services/adapters/recordings.ts';
import type { Store } from '../../services/adapters/sql/store.ts';
import type { NotedRecording } from '../../services/core/recordings.ts';
import { monday } from '../support/finished-call.ts';
import { storeBackends } from '../support/stores.ts';

const noted = (name: string, changes: Partial<NotedRecording> = {}): NotedRecording => {
  return { name, call: '17.1', bytes: 5, sha256: 'a'.repeat(64), seenAt: monday, ...changes };
};

describe.each(storeBackends().filter(({ name }) => name !== 'fake'))('RecordingBook: $name', (backend) => {
  let store: Store;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
  });
  afterEach(() => store.close());

  test('the first word about a recording stands, and each call has its own', async () => {
    await store.recordings.note(noted('17.1-name'));
    await store.recordings.note(noted('17.1-name', { sha256: 'b'.repeat(64), bytes: 6 }));
    await store.recordings.note(noted('17.1-call'));
    await store.recordings.note(noted('17.2-call', { call: '17.2' }));
    expect(await store.recordings.of(['17.1', 'none'])).toEqual([noted('17.1-call'), noted('17.1-name')]);
    expect(await store.recordings.of([])).toEqual([]);
  });
});

describe('the folder of recordings', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clearline-recordings-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const wish = { at: monday, by: 'anna', why: 'asked', what: 'recording' } as const;

  test('is logged before it is heard, and what is no plain file of Clearline’s is not heard at all', async () => {
    const log: string[] = [];
    const shelf = openRecordingShelf(folder, { note: async ({ item }) => void log.push(item) });
    writeFileSync(join(folder, '17.1-name.wav'), 'hello');
    writeFileSync(join(folder, 'outside.wav'), 'secret');
    symlinkSync(join(folder, 'outside.wav'), join(folder, '17.1-call.wav'));
    mkdirSync(join(folder, '17.1-message.wav'));
    expect((await shelf.of('17.1')).map(({ name, bytes }) => [name, bytes])).toEqual([['17.1-name', 5]]);
    const opened = await shelf.hear('17.1-name', wish);
    expect(opened && (await buffer(opened.content)).toString()).toBe('hello');
    for (const name of ['17.1-call', '17.1-message', '17.2-name', 'outside', '../17.1-name']) {
      expect(await shelf.hear(name, wish), name).toBeNull();
    }
    expect(log).toEqual(['17.1-name', '17.1-call', '17.1-message', '17.2-name', 'outside', '../17.1-name']);
  });

  test('has digests of plain files alone, and names in order', async () => {
    for (const name of ['17.2-name', '17.1-name', 'music']) writeFileSync(join(folder, `${name}.wav`), 'hello');
    symlinkSync('/etc/hostname', join(folder, '17.3-name.wav'));
    const { names, digest, look } = openRecordingFolder(folder);
    expect(await names()).toEqual(['17.1-name', '17.2-name', '17.3-name']);
    expect(await digest('17.1-name')).toEqual({
      bytes: 5,
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    });
    expect([await digest('17.3-name'), await look('17.3-name'), await digest('music')]).toEqual([null, null, null]);
    expect(await openRecordingFolder(join(folder, 'none')).names()).toEqual([]);
  });
});
