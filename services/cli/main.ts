import { buffer } from 'node:stream/consumers';
import { openAmi } from '../adapters/ami.ts';
import { openStore } from '../adapters/sql/store.ts';
import { askPassword } from './ask-password.ts';
import { askRedis } from './ask-redis.ts';
import { runCommand } from './program.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `clearline calls | head` closes the pipe early; that is no fault.
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const code = await runCommand(process.argv.slice(2), {
  env: process.env,
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  readInput: () => buffer(process.stdin),
  askPassword,
  openStore: (config) => openStore(config),
  askRedis,
  fetch,
  openAmi,
  now: () => Date.now(),
});
// A service that does not answer may keep its connection open; what was written leaves first.
process.stdout.write('', () => process.exit(code));
