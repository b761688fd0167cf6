import { accessSync, constants } from 'node:fs';
import type { Config } from '../config.ts';
import type { StoredLine } from '../core/ports.ts';
import { type AlertSecrets, alertSecretVariable, readAlertSecrets } from '../secrets.ts';
import { count } from './table.ts';
import { reasonOf } from './world.ts';

export interface Told {
  readonly right: string;
  readonly faults: readonly string[];
}

/** What is wrong with whom alerts reach, that the settings alone do not tell. `lines`: those on record. */
export function alertFaultsOf(config: Config, env: NodeJS.ProcessEnv, lines: readonly StoredLine[]): Told {
  const { recipients } = config.alerts;
  if (recipients.length === 0) {
    return { right: 'nobody is told of them; they stand in "clearline alerts" alone (docs/alerts.md)', faults: [] };
  }
  const right = `${count(recipients.length, 'recipient')}; try one: clearline alerts test ${recipients[0]?.name}`;
  try {
    const secrets = readAlertSecrets(config, env);
    return { right, faults: [...secretFaults(config, secrets), ...caFaults(config), ...whereFaults(config, lines)] };
  } catch (error) {
    return { right, faults: reasonOf(error).split('\n') };
  }
}

function secretFaults({ alerts: { recipients, smtp }, paths }: Config, secrets: AlertSecrets): string[] {
  const mail = recipients.some(({ channel }) => channel === 'email');
  const noPassword = mail && smtp?.user !== undefined && secrets.smtp === null;
  const unsigned = recipients.filter(({ name, channel }) => channel === 'webhook' && !secrets.recipients.has(name));
  return [
    ...(noPassword
      ? [`alerts.smtp.user: its password is missing. Set CLEARLINE_SMTP_PASSWORD, or alerts.smtp in ${paths.secrets}.`]
      : []),
    ...unsigned.map(
      ({ name }) =>
        `alerts.recipients: the webhook "${name}" has no secret. Set ${alertSecretVariable(name)}, or alerts.recipients in ${paths.secrets}.`,
    ),
  ];
}

function caFaults({ paths: { mailCa } }: Config): string[] {
  if (mailCa === null) return [];
  try {
    accessSync(mailCa, constants.R_OK);
    return [];
  } catch {
    return [`alerts.smtp.ca: found ${JSON.stringify(mailCa)}, which cannot be read. Put the file there.`];
  }
}

/** Whoever is named for a line that is none hears nothing, and nobody notices. */
function whereFaults({ alerts: { recipients }, site }: Config, lines: readonly StoredLine[]): string[] {
  const ids = new Set(lines.map(({ id }) => id));
  const areas = new Set([site.area, ...lines.map(({ area }) => area)]);
  return recipients.flatMap((recipient, index) => [
    ...recipient.lines
      .filter((id) => !ids.has(id))
      .map(
        (id) =>
          `alerts.recipients[${index}].lines: found "${id}", and there is no such line. See: clearline lines list`,
      ),
    ...recipient.areas
      .filter((area) => !areas.has(area))
      .map(
        (area) =>
          `alerts.recipients[${index}].areas: found "${area}", and no line lies there. See: clearline lines list`,
      ),
  ]);
}
