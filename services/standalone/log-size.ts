import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AsteriskConsole } from './asterisk.ts';

/**
 * Asterisk's own log never ends: it is looked at every hour, and once it is large it is put aside (`logger rotate`, which
 * renames it messages.log.0 and each older one by one more). Asterisk drops none of them by itself; the oldest is removed here.
 */
const mostBytes = 20 * 1024 * 1024;
const keptBefore = 2;
const lookMs = 3_600_000;

/** Puts aside `messages.log` of this folder when it has more than so many bytes; true when it did. Rejects when Asterisk does not. */
export async function rotateWhenLarge(folder: string, cli: AsteriskConsole, most = mostBytes): Promise<boolean> {
  const file = join(folder, 'messages.log');
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  if (size <= most) return false;
  await rm(`${file}.${keptBefore - 1}`, { force: true });
  await cli('logger rotate');
  return true;
}

/** Looks now and every hour. Answers how to stop. */
export function keepLogSmall(folder: string, cli: AsteriskConsole, onTrouble: (error: unknown) => void): () => void {
  const look = () => void rotateWhenLarge(folder, cli).catch(onTrouble);
  look();
  const timer = setInterval(look, lookMs);
  return () => clearInterval(timer);
}
