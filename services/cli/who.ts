import { cleanName } from '../core/caller.ts';
import { CommandError, exitCodes, type Session } from './world.ts';

/** Who runs the command, for the record: what `--by` says, else the login name of this machine. */
export function whoRuns({ world: { env } }: Session, by: string | undefined): string {
  return cleanName(by ?? env.USER ?? env.LOGNAME ?? '') || 'somebody at this machine';
}

/** A reason in one line of at most 500 characters. Throws CommandError where it says nothing. */
export function readReason(written: string, why: string): string {
  const reason = cleanName(written, 500);
  if (reason === '') throw new CommandError(`--reason: say why ${why}.`, exitCodes.notUnderstood);
  return reason;
}
