import { resolve } from 'node:path';
import type { Command } from 'commander';
import { cleanName } from '../../core/caller.ts';
import { makePack, PackRefused } from '../../evidence/make-pack.ts';
import { packParts } from '../../evidence/pack-parts.ts';
import { ensureSiteKey } from '../../evidence/site-key.ts';
import { findIncident } from '../find-incident.ts';
import { whoRuns } from '../who.ts';
import { CommandError, exitCodes, fileTrouble, type Session } from '../world.ts';
import { verifyChain } from './verify-chain.ts';
import { verifyFile } from './verify-file.ts';

/** clearline evidence: packs for the police, and whether anything on record or in a pack was changed. */

export function addEvidence(program: Command, session: Session): void {
  const evidence = program
    .command('evidence')
    .argument('<incident>', 'the incident’s id, that of one of its calls, or last for the newest')
    .summary('a signed file for the police about an incident; evidence verify checks one')
    .description('Put everything on record about an incident into one signed ZIP file for the police.')
    .option('--out <file>', 'the new file (default: named after the incident, in the working folder)')
    .option('--by <name>', 'who makes it (default: the user of this machine)')
    .option('--without-consent-because <text>', 'why it is made although the victim has not agreed; goes on record')
    .addHelpText('after', evidenceHelp)
    .action((incident: string, options: PackOptions) => make(session, incident, options));
  evidence
    .command('verify')
    .argument('[file]', 'the pack; without it, the chain of the database is checked')
    .description('Find out whether a pack, or anything on record, was changed, and where. A pack needs no database.')
    .option('--key <fingerprint>', 'only this site’s key will do: what its "clearline evidence key" shows')
    .action((file: string | undefined, { key }: { key?: string }) =>
      file === undefined ? verifyChain(session) : verifyFile(session, file, key),
    );
  evidence
    .command('key')
    .description('Show the fingerprint of the key that signs this site’s packs: tell it to the police by another way.')
    .action(() => showKey(session));
}

const evidenceHelp = `
Examples:
  clearline evidence last
  clearline evidence incident-5bb93ec6-1795362185.3
  clearline evidence incident-5bb93ec6-1795362185.3 --without-consent-because "she is in hospital; the police ask"
  clearline evidence verify incident-5bb93ec6-1795362185.3.zip
  clearline evidence verify                             was anything on record changed?`;

interface PackOptions {
  readonly out?: string;
  readonly by?: string;
  readonly withoutConsentBecause?: string;
}

async function make(session: Session, wanted: string, options: PackOptions): Promise<void> {
  const { now, out } = session.world;
  const by = whoRuns(session, options.by);
  const because = cleanName(options.withoutConsentBecause ?? '', 500);
  const { made, file } = await session.withStore(async (store, config) => {
    const { id: incident } = await findIncident(store.incidents, wanted);
    const file = resolve(options.out ?? `${incident.replace(/[^A-Za-z0-9.-]/g, '_')}.zip`);
    const request = { incident, by, at: now(), withoutConsentBecause: because === '' ? null : because, file };
    const made = await makePack(packParts(store, config), request).catch((error) => tellRefusal(error, file));
    return { made, file };
  });
  out(
    [
      `Written: ${file} (${made.size.toLocaleString('en-GB')} bytes)`,
      `SHA-256: ${made.sha256}`,
      `Signed with the key ${made.key}`,
      ...(made.missing > 0
        ? [`Not in it: ${made.missing} of what ought to be; the report names them and says why.`]
        : []),
      ...made.alarms,
      `On record: made by ${by}${because === '' || made.withoutConsentBecause === null ? '' : `, without consent: ${because}`}`,
    ].join('\n'),
  );
  if (made.alarms.length > 0) session.exitCode = exitCodes.wrong;
}

function tellRefusal(error: unknown, file: string): never {
  if (!(error instanceof PackRefused)) throw new CommandError(`The pack is not made (${file}): ${fileTrouble(error)}.`);
  throw new CommandError(`${error.message}${error.need === 'consent' ? consentHelp : ''}`, codeOf(error));
}

const consentHelp = ' See: clearline incidents change --help, or use --without-consent-because.';

function codeOf({ need }: PackRefused): number {
  return need === 'another-file' ? exitCodes.notUnderstood : exitCodes.wrong;
}

function showKey(session: Session): void {
  session.world.out(ensureSiteKey(session.config()).public.fingerprint);
}
