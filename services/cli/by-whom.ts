import { cleanName } from '../core/caller.ts';
import type { World } from './world.ts';

/** Who runs a command, for the record: as `--by` says, else the login name. */
export function byWhom({ env }: Pick<World, 'env'>, option: string | undefined): string {
  return cleanName(option ?? env.USER ?? env.LOGNAME ?? '') || 'somebody at this machine';
}
