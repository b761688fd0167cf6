import { readFileSync } from 'node:fs';
import { filesToRepeat, judge, type Run } from './results.ts';

/**
 * For .ci/run, after vitest has written results:
 *
 *     main.ts repeat RESULTS EXIT-CODE                     the test files to run once more, a line each
 *     main.ts judge RESULTS EXIT-CODE [RESULTS EXIT-CODE]  the verdict; exit code 1 where anything failed in the end
 */

function read(path: string | undefined, exitCode: string | undefined): Run | null {
  if (path === undefined) return null;
  const results: Omit<Run, 'exitCode'> = JSON.parse(readFileSync(path, 'utf8'));
  return { ...results, exitCode: Number(exitCode) };
}

const [command, ...args] = process.argv.slice(2);
const [first, second] = [read(args[0], args[1]), read(args[2], args[3])];
if (first === null) throw new Error('which results?');
if (command === 'repeat') {
  for (const file of filesToRepeat(first)) console.log(file);
} else {
  const { passed, failed, unsteady } = judge(first, second);
  for (const what of unsteady) console.log(`unsteady: ${what}: failed beside the others, passed alone`);
  for (const what of failed) console.log(`failed: ${what}`);
  console.log(`${passed} passed, ${failed.length} failed`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
