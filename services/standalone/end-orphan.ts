import { spawn } from 'node:child_process';

/**
 * Reads until whoever started it is gone. Then it asks the program to end, again after six seconds, and after nine ends it and all
 * that it started: whoever starts next waits ten seconds for the data folder (lock.ts).
 */
const script = `
read -r _
half=0
while [ "$half" -lt 18 ] && kill -0 "$1"; do
  case "$half" in 0 | 12) kill -s TERM "$1" ;; esac
  sleep 0.5
  half=$((half + 1))
done
kill -0 "$1" && kill -s KILL -- "-$1"
`;

/**
 * Ends the program `pid`, the leader of its process group, should this process die first, however it dies and whatever the program
 * hangs in. The kernel's own signal (child.ts) is not enough: it comes once, and Asterisk forgets one that comes while it starts.
 * The answer takes that back, for a program that is gone.
 */
export function endWhenOrphaned(pid: number): () => void {
  const watch = spawn('sh', ['-c', script, 'sh', String(pid)], {
    detached: true,
    // Nothing of ours: it would be taken for one of the programs.
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell there is still the kernel's signal.
  watch.on('error', () => {});
  watch.stdin.on('error', () => {});
  return () => void watch.kill('SIGKILL');
}
