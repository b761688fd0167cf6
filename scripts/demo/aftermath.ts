import { readFile, writeFile } from 'node:fs/promises';
import { styleText } from 'node:util';
import { formatTime } from '../../services/cli/table.ts';
import type { CampaignSummary } from '../../services/core/campaign/store.ts';
import type { Incident } from '../../services/core/incident/incident.ts';
import type { Mail, Mailbox } from '../../test/support/mailbox.ts';
import { until } from '../../test/support/until.ts';
import type { Home } from './home.ts';
import { wrap } from './wrap.ts';

/**
 * What becomes of a call that a resident reported: staff are told by mail, the campaign and the incident are found, and the
 * pack for the police is written and checked. Each part rejects where it does not come out as it must.
 */

type Say = (line?: string) => void;

/** The worker does all of this within a second or two of the call's end, on a machine that has the time. */
const withinMs = 30_000;

/** `lines` is how many the band rang. */
export async function showAftermath(home: Home, mailbox: Mailbox, lines: number, say: Say): Promise<void> {
  const campaign = await campaignOver(home, lines);
  const incident = await incidentOf(home, campaign);
  showMails(await mailsOf(mailbox, campaign), say);
  showCampaign(campaign, say);
  await showIncident(home, incident, say);
  await showPack(home, incident, say);
}

async function campaignOver(home: Home, lines: number): Promise<CampaignSummary> {
  return until(
    `a campaign over ${lines} lines is found`,
    async () => {
      const found = await home.withStore(({ campaigns }) => campaigns.list({ limit: 2 }));
      const [campaign] = found;
      if (found.length > 1) throw new Error(`of one campaign ${found.length} were made`);
      return campaign?.lines === lines ? campaign : null;
    },
    withinMs,
  );
}

/** Once it is known to belong to the campaign. */
async function incidentOf(home: Home, { campaign }: CampaignSummary): Promise<Incident> {
  return until(
    'the reported call has its incident, and the incident its campaign',
    async () => {
      const found: readonly Incident[] = JSON.parse(await home.clearline('incidents', '--json'));
      return found.find((incident) => incident.campaign === campaign.id) ?? null;
    },
    withinMs,
  );
}

/** That a call was reported, and that there is a campaign. */
async function mailsOf(mailbox: Mailbox, { campaign }: CampaignSummary): Promise<readonly Mail[]> {
  return until(
    'both mails have arrived',
    () => {
      const { mails } = mailbox;
      const ofCampaign = mails.some(({ text }) => text.includes(campaign.id));
      const ofReport = mails.some(({ subject }) => subject.includes('a call was reported'));
      return ofCampaign && ofReport ? mails : null;
    },
    withinMs,
  );
}

function showMails(mails: readonly Mail[], say: Say): void {
  heading('What staff got by mail:', say);
  for (const [index, { to, subject, text }] of mails.entries()) {
    if (index > 0) say();
    say(`  To: ${to.join(', ')}`);
    say(`  Subject: ${subject}`);
    say();
    say(indent(text.trimEnd()));
  }
}

function showCampaign({ campaign, calls, lines, areas, guards }: CampaignSummary, say: Say): void {
  heading('The campaign:', say);
  const until = guards.map((guard) => `${guard.area} until ${formatTime(guard.until)}`);
  say(`  Id     ${campaign.id}`);
  say(`  Calls  ${calls}, to ${lines} lines in ${areas.join(', ')}`);
  for (const row of wrap(`  Why    ${campaign.reasons.join(' ')}`, 9)) say(row);
  say(`  Guard  strangers are screened more strictly in ${until.join(', ')}`);
}

async function showIncident(home: Home, { id }: Incident, say: Say): Promise<void> {
  const asked = ['--role', 'police', '--pretext', 'account-compromised', '--outcome', 'realised', '--consent', 'yes'];
  await home.clearline('incidents', 'change', id, ...asked, '--by', 'warden');
  heading('The incident, after the warden has asked Arthur about it (clearline incidents show):', say);
  say(indent(await home.clearline('incidents', 'show', id)));
}

async function showPack(home: Home, { id }: Incident, say: Say): Promise<void> {
  const pack = `${home.folder}/${id}.zip`;
  heading('The evidence pack (clearline evidence, and clearline evidence verify):', say);
  say(indent(await home.clearline('evidence', id, '--out', pack, '--by', 'warden')));
  const verified = await home.clearline('evidence', 'verify', pack);
  say();
  say(indent(`Verified: ${verified}`));
  const changed = `${home.folder}/changed.zip`;
  const place = await changeOneByte(pack, changed);
  const refused = await home.refused('evidence', 'verify', changed);
  if (!/not as it was made/.test(refused)) throw new Error(`A changed pack was not refused for what it is: ${refused}`);
  say();
  say(indent(`The same with byte ${place.toLocaleString('en-GB')} changed: ${refused}`));
}

/** Writes a copy with one bit the other way round, about the middle; answers where. */
async function changeOneByte(from: string, to: string): Promise<number> {
  const bytes = await readFile(from);
  const place = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  await writeFile(to, bytes);
  return place;
}

function heading(title: string, say: Say): void {
  say();
  say(styleText('bold', title));
}

/** Two to the right, and no line too wide to read. */
function indent(text: string): string {
  const lines = text.split('\n').flatMap((line) => wrap(`  ${line}`, 2 + (/^ *(- )?/.exec(line)?.[0].length ?? 0)));
  return lines.map((line) => line.trimEnd()).join('\n');
}
