import { existsSync } from 'node:fs';
import type { Config } from '../../config.ts';
import type { Manifest } from '../../evidence/manifest.ts';
import { siteFingerprint } from '../../evidence/site-key.ts';
import { compareWithSite, type SiteCheck } from '../../evidence/verify-links.ts';
import { type PackCheck, verifyPack } from '../../evidence/verify-pack.ts';
import { count } from '../table.ts';
import { CommandError, exitCodes, fileTrouble, reasonOf, type Session } from '../world.ts';

/** clearline evidence verify FILE: whether a pack is as it was signed, on any computer; and what this site knows of it. */
export async function verifyFile(session: Session, file: string, key: string | undefined): Promise<void> {
  const { out } = session.world;
  const pinned = key === undefined ? null : readFingerprint(key);
  const check = await verifyPack(file).catch((error: unknown) => {
    throw new CommandError(`Cannot read ${file}: ${fileTrouble(error)}`, exitCodes.notUnderstood);
  });
  const { manifest } = check;
  if (check.faults.length > 0 || manifest === null) {
    session.exitCode = exitCodes.wrong;
    const head = manifest === null ? 'is no evidence pack, or is not as it was made' : 'is not as it was made';
    return out([`${file} ${head}:`, ...check.faults].join('\n'));
  }
  const site = await askSite(session, { ...check, manifest });
  const signer = tellSigner(manifest, pinned, site.fingerprint);
  const faults = [...signer.faults, ...site.faults];
  if (faults.length > 0) session.exitCode = exitCodes.wrong;
  out(
    [
      ...(faults.length > 0
        ? [`${file} holds together, but it is not what it should be:`, ...faults]
        : ['Nothing was changed.']),
      ...tellPack(check, manifest),
      ...signer.told,
      ...site.told,
    ].join('\n'),
  );
}

function tellPack(
  { size, sha256 }: PackCheck,
  { incident, site, madeAt, madeBy, files, missing, chain, alarms, ...rest }: Manifest,
): string[] {
  const { software, consent } = rest;
  const { head, links } = chain;
  const because = consent.withoutConsentBecause;
  return [
    `Checked: ${size.toLocaleString('en-GB')} bytes, ${count(files.length, 'file')}, ${count(links.length, 'link')} of the chain. SHA-256 ${sha256}`,
    `Pack of ${incident}, made ${madeAt} by ${madeBy} at ${site.name}, ${site.area}, with ${software}.`,
    consent.agreed === true
      ? 'The victim agreed.'
      : `The victim had not agreed. Made nevertheless: ${because ?? 'no reason is given'}`,
    `The chain’s head was then link ${head.seq}, ${head.hash}`,
    ...alarms.map((alarm) => `When it was made: ${alarm}`),
    ...missing.map(({ name, why }) => `Not in it: ${name}: ${why}`),
  ];
}

function tellSigner({ key }: Manifest, pinned: string | null, own: string | null): SiteCheck {
  const told = [`Signed with the key ${key.fingerprint}`];
  if (pinned !== null && pinned !== key.fingerprint) {
    return { faults: [`It is signed with another key than ${pinned}: it is not this site’s.`], told };
  }
  if (pinned !== null) return { faults: [], told: [...told, 'That is the key you named.'] };
  if (own === key.fingerprint) return { faults: [], told: [...told, 'That is the key of this site.'] };
  const ask = 'Anybody can sign with a key of their own: ask the site for its fingerprint, and name it by --key.';
  return { faults: [], told: [...told, ask] };
}

/** What the site here says, if this is a computer of the site that made the pack. Nothing is ever made for the question. */
async function askSite(
  session: Session,
  pack: PackCheck & { readonly manifest: Manifest },
): Promise<SiteCheck & { readonly fingerprint: string | null }> {
  const here = findSite(session);
  if (typeof here === 'string') return notCompared(here, null);
  const fingerprint = siteFingerprint(here);
  if (fingerprint !== pack.manifest.key.fingerprint)
    return notCompared('this is not the site that made it', fingerprint);
  try {
    return { ...(await session.withStore((store) => compareWithSite(pack, store))), fingerprint };
  } catch (error) {
    return notCompared(reasonOf(error), fingerprint);
  }
}

function notCompared(why: string, fingerprint: string | null) {
  return { faults: [], told: [`Not compared with a database: ${why}.`], fingerprint };
}

function findSite(session: Session): Config | string {
  if (!existsSync(session.configPath())) return 'there is no configuration here';
  try {
    const config = session.config();
    const hasDatabase = config.database.url !== undefined || existsSync(config.paths.database);
    return hasDatabase ? config : 'there is none here';
  } catch {
    return 'the configuration here cannot be read';
  }
}

function readFingerprint(written: string): string {
  const plain = written.replace(/[\s:]/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(plain)) return plain;
  throw new CommandError('--key: expected a fingerprint, 64 hexadecimal digits.', exitCodes.notUnderstood);
}
