import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import { drawPdf } from '../adapters/pdf.ts';
import type { Store } from '../adapters/sql/store.ts';
import { createZip, type WrittenEntry, type ZipWriter } from '../adapters/zip-write.ts';
import type { Config } from '../config.ts';
import { writeReport } from '../core/evidence/report.ts';
import type { MissingFile, Report } from '../core/evidence/report-input.ts';
import type { MadePack } from '../core/evidence/stores.ts';
import { gb } from '../core/packs/gb.ts';
import type { RecordingShelf } from '../core/recordings.ts';
import { explanation } from './explain.ts';
import { gatherCalls } from './gather.ts';
import { fileName, type Manifest, manifestName, signatureName, writeManifest } from './manifest.ts';
import type { SiteKey } from './site-key.ts';

/** Makes an evidence pack: one ZIP file with everything on record about an incident, signed. */

export interface PackParts {
  readonly store: Pick<Store, 'incidents' | 'calls' | 'chain' | 'packs' | 'campaigns' | 'accessLog' | 'recordings'>;
  readonly shelf: RecordingShelf;
  readonly key: SiteKey;
  readonly site: Config['site'];
  /** Of Clearline. */
  readonly version: string;
}

export interface PackRequest {
  /** Id of the incident. */
  readonly incident: string;
  /** Who makes it, for the record. */
  readonly by: string;
  /** UTC milliseconds. */
  readonly at: number;
  /** Needed where the victim has not agreed; null elsewhere. */
  readonly withoutConsentBecause: string | null;
  /** Where the pack is to be; there must be nothing yet. Its folder is there. */
  readonly file: string;
}

/** The pack cannot be made as asked: a sentence for whoever asked. */
export class PackRefused extends Error {
  /** What would have to be there. */
  readonly need: 'incident' | 'consent' | 'another-file';
  constructor(need: PackRefused['need'], message: string) {
    super(message);
    this.name = 'PackRefused';
    this.need = need;
  }
}

export interface PackMade extends MadePack {
  /** How many files and calls that ought to be in it are not. */
  readonly missing: number;
  /** What did not fit its digest when the pack was made, in sentences. */
  readonly alarms: readonly string[];
}

/**
 * Writes the pack to `request.file`, whole or not at all, after its custody is on record. Throws PackRefused where there is no
 * such incident, or no consent and no reason to do without; rejects where database or disk fail.
 */
export async function makePack(parts: PackParts, request: PackRequest): Promise<PackMade> {
  const { store, key } = parts;
  const incident = await store.incidents.find(request.incident);
  if (incident === null) throw new PackRefused('incident', `No incident ${request.incident} is on record.`);
  const why = request.withoutConsentBecause?.trim() || null;
  if (incident.victim.consent !== true && why === null) {
    throw new PackRefused(
      'consent',
      `It is not on record that the victim of ${incident.id} agrees that the police are told. Put that on record first, or say why it has to be done without.`,
    );
  }
  if (existsSync(request.file)) refuseTaken(request.file)({ code: 'EEXIST' });
  const withoutConsentBecause = incident.victim.consent === true ? null : why;
  const asked = { ...request, withoutConsentBecause };
  await store.accessLog.note({
    at: request.at,
    by: request.by,
    what: 'evidence-pack',
    item: incident.id,
    why: withoutConsentBecause ?? '',
  });
  const half = `${request.file}.${randomUUID()}.half`;
  try {
    const gathered = await gatherCalls(store, incident);
    const { missing, alarms, ...written } = await writePack(half, { ...parts, asked, incident, ...gathered });
    const made: MadePack = {
      ...written,
      incident: incident.id,
      at: request.at,
      by: request.by,
      key: key.public.fingerprint,
      withoutConsentBecause,
    };
    await store.packs.add(made);
    // Unlike a rename this never replaces a file.
    await link(half, request.file).catch(refuseTaken(request.file));
    return { ...made, missing, alarms };
  } finally {
    await rm(half, { force: true });
  }
}

function refuseTaken(file: string): (error: unknown) => never {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new PackRefused('another-file', `There is a file ${file} already: name another, or take that one away.`);
  };
}

type Gathered = PackParts &
  Awaited<ReturnType<typeof gatherCalls>> & {
    readonly asked: PackRequest;
    readonly incident: Report['incident'];
  };

async function writePack(
  file: string,
  pack: Gathered,
): Promise<Pick<PackMade, 'size' | 'sha256' | 'missing' | 'alarms'>> {
  const zip = await createZip(file);
  try {
    const add = (name: string, text: string) => zip.add(name, [Buffer.from(text)]);
    const files: WrittenEntry[] = [await add('incident.json', `${JSON.stringify(pack.incident, null, 1)}\n`)];
    for (const { file: name, text } of pack.packed) files.push(await add(name, text));
    const recorded = await addRecordings(zip, pack);
    files.push(...recorded.files);
    const missing = [...pack.missing, ...recorded.missing];
    const alarms = [...pack.alarms, ...recorded.alarms];
    const report = await reportOf(pack, { files, missing, alarms });
    const pdf = await drawPdf(writeReport(report), {
      title: `Evidence: ${pack.incident.id.slice(0, 80)}`,
      at: pack.asked.at,
    });
    files.push(await zip.add('report.pdf', [pdf]), await add('READ-ME.txt', explanation(pack.key.public)));
    const manifest = Buffer.from(writeManifest(manifestOf(pack, { files, missing, alarms })));
    await zip.add(manifestName, [manifest]);
    await add(signatureName, `${pack.key.sign(manifest).toString('hex')}\n`);
    return { ...(await zip.finish()), missing: missing.length, alarms };
  } finally {
    await zip.close();
  }
}

interface Contents {
  readonly files: readonly WrittenEntry[];
  readonly missing: readonly MissingFile[];
  readonly alarms: readonly string[];
}

/** Every recording of the pack's calls; that somebody took it away is in the access log before it is opened. */
async function addRecordings(zip: ZipWriter, { shelf, store, packed, asked }: Gathered): Promise<Contents> {
  const files: WrittenEntry[] = [];
  const missing: MissingFile[] = [];
  const alarms: string[] = [];
  const noted = new Map((await store.recordings.of(packed.map(({ id }) => id))).map((each) => [each.name, each]));
  const wish = { at: asked.at, by: asked.by, what: 'evidence-pack', why: `pack of ${asked.incident}` } as const;
  for (const name of packed.flatMap(({ recordings }) => recordings)) {
    const opened = await shelf.hear(name, wish);
    if (opened === null) {
      missing.push({
        name: fileName('recordings', name),
        why: 'There is no such file any more, or not on this machine.',
      });
      continue;
    }
    const written = await zip.add(fileName('recordings', name), opened.content);
    files.push(written);
    const first = noted.get(name);
    if (first !== undefined && first.sha256 !== written.sha256) {
      alarms.push(`The recording ${name} is not what it was after its call, when its SHA-256 was ${first.sha256}.`);
    }
  }
  return { files, missing, alarms };
}

async function reportOf(pack: Gathered, contents: Contents): Promise<Report> {
  const { incident, store, site, asked, key, version, packed, head, links } = pack;
  const campaign = incident.campaign === null ? null : await store.campaigns.find(incident.campaign);
  const { at, by, withoutConsentBecause } = asked;
  return {
    incident,
    site,
    calls: packed.flatMap(({ call, file, beside }) => (call === null ? [] : [{ call, file, beside }])),
    campaign:
      campaign === null
        ? incident.campaign
        : `${incident.campaign}: ${campaign.calls} calls to ${campaign.lines} lines, in ${campaign.areas.join(', ')}`,
    ...contents,
    chain: { head, links },
    former: await store.packs.of(incident.id),
    made: { at, by, version, key: key.public.fingerprint, withoutConsentBecause },
    style: { pack: gb, timeZone: site.timeZone },
  };
}

function manifestOf(pack: Gathered, { files, missing, alarms }: Contents): Manifest {
  const { incident, site, asked, key, version, head, links } = pack;
  return {
    format: 'clearline-evidence-1',
    incident: incident.id,
    site: { name: site.name, area: site.area },
    madeAt: new Date(asked.at).toISOString(),
    madeBy: asked.by,
    software: `Clearline ${version}`,
    consent: { agreed: incident.victim.consent, withoutConsentBecause: asked.withoutConsentBecause },
    key: { algorithm: 'Ed25519', publicKey: key.public.text, fingerprint: key.public.fingerprint },
    chain: { head, links: [...links] },
    files: files.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
    alarms: [...alarms],
    missing: [...missing],
  };
}
