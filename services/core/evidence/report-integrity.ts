import type { Report } from './report-input.ts';
import { type Block, moment, utc } from './report-words.ts';

/** What shows that nothing in the pack was changed, what is not in it, and who made packs of this incident before. */
export function integrityBlocks(report: Report): readonly Block[] {
  const { files, missing, alarms, made, former, style } = report;
  return [
    { heading: 'Integrity and custody', page: true },
    {
      text: 'Each file of the pack is listed in manifest.json with its SHA-256 digest; manifest.sig is the Ed25519 signature of that list by the key of the site. “clearline evidence verify FILE” checks all of it, byte by byte, on any computer; READ-ME.txt says how to check it without Clearline.',
    },
    { facts: [['Fingerprint of the key', made.key]] },
    ...alarms.map((alarm): Block => ({ alarm })),
    { subheading: 'Files' },
    {
      head: ['File', 'Bytes', 'SHA-256'],
      rows: files.map(({ name, size, sha256 }) => [name, size.toLocaleString('en-GB'), sha256]),
      widths: [9, 4, 12],
      fixed: true,
    },
    ...missingBlocks(missing),
    ...chainBlocks(report),
    { subheading: 'Custody' },
    {
      head: ['When', 'By', 'What'],
      rows: [
        ...former.map((pack) => [
          moment(pack.at, style.timeZone),
          pack.by,
          `Pack made, ${pack.size.toLocaleString('en-GB')} bytes, SHA-256 ${pack.sha256}${because(pack.withoutConsentBecause)}`,
        ]),
        [moment(made.at, style.timeZone), made.by, `This pack made${because(made.withoutConsentBecause)}`],
      ],
      widths: [4, 2, 6],
    },
  ];
}

function because(why: string | null): string {
  return why === null ? '' : `; without the victim’s consent: ${why}`;
}

function missingBlocks(missing: Report['missing']): readonly Block[] {
  if (missing.length === 0) return [];
  const rows = missing.map(({ name, why }) => [name, why]);
  return [{ subheading: 'Not in the pack' }, { head: ['What', 'Why'], rows, widths: [4, 6] }];
}

function chainBlocks({ chain }: Report): readonly Block[] {
  const { head, links } = chain;
  return [
    { subheading: 'Chain of hashes over the call journal' },
    {
      text: 'Every account of a call is chained to the one before it when it is put on record. Whoever keeps this page keeps the head of the chain as it was then: nothing that was on record by then can be changed unnoticed any more.',
    },
    {
      facts: [
        ['Head', `link ${head.seq}, ${head.hash}`],
        ['Links of these calls', links.length === 0 ? 'none' : String(links.length)],
      ],
    },
    {
      head: ['Link', 'Put on record', 'Call', 'Hash'],
      rows: links.map((link) => [
        String(link.seq),
        utc(link.at),
        link.kind === 'removal' ? `${link.call}: removed by ${link.by}` : `${link.call}, account ${link.revision}`,
        link.hash,
      ]),
      widths: [2, 5, 6, 10],
      fixed: true,
    },
  ];
}
