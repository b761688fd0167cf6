import type { ChainReport } from '../../core/evidence/stores.ts';
import { count } from '../table.ts';
import { exitCodes, type Session } from '../world.ts';

/** clearline evidence verify: the chain of hashes over the call journal, and everything on record with it. */
export async function verifyChain(session: Session): Promise<void> {
  const report = await session.withStore((store) => store.chain.verify());
  if (report.faultCount > 0) session.exitCode = exitCodes.wrong;
  session.world.out((report.faultCount > 0 ? tellFaults(report) : tellWhole(report)).join('\n'));
}

function tellWhole({ links, calls, head }: ChainReport): string[] {
  return [
    `Nothing on record was changed: ${count(links, 'link')}, ${count(calls, 'call')}.`,
    `The head of the chain is link ${head.seq}, ${head.hash}`,
    'Whoever could change the whole chain could make it fit again. Each evidence pack holds the head as it was then: "clearline evidence verify FILE" compares it.',
  ];
}

function tellFaults({ faults, faultCount, links, calls }: ChainReport): string[] {
  const told = faults.flatMap(({ why, expected, found }) => [
    why,
    ...(expected === null ? [] : [`  expected ${expected}`, `  found    ${found ?? 'nothing'}`]),
  ]);
  const more = faultCount - faults.length;
  return [
    `What is on record was changed: ${count(faultCount, 'fault')} in ${count(links, 'link')}, ${count(calls, 'call')}.`,
    ...told,
    ...(more > 0 ? [`… and ${count(more, 'fault')} more.`] : []),
  ];
}
