import { randomBytes } from 'node:crypto';
import { tellTest } from '../../core/alerting/message.ts';
import type { Answer } from '../../core/alerting/sender.ts';
import { readAlertSecrets } from '../../secrets.ts';
import { openSenders } from '../../senders.ts';
import { CommandError, exitCodes, reasonOf, type Session } from '../world.ts';

/** clearline alerts test RECIPIENT: sent from here and not by the worker, so that what goes wrong is seen at once. */

export async function sendTest(session: Session, name: string): Promise<void> {
  const { out, env } = session.world;
  const config = session.config();
  const { recipients } = config.alerts;
  const recipient = recipients.find((each) => each.name === name);
  if (!recipient) {
    const known = recipients.map((each) => each.name).join(', ') || 'nobody yet: docs/alerts.md';
    throw new CommandError(`${name}: no such recipient. In alerts.recipients: ${known}.`, exitCodes.notUnderstood);
  }
  const secrets = readSecretsOrSay(() => readAlertSecrets(config, env));
  const send = openSenders(config, secrets).get(name);
  if (!send) throw new CommandError(`${name}: there is no way to tell a recipient of this kind.`);
  const letter = {
    // A test is a message of its own each time.
    id: `clearline_test_${randomBytes(8).toString('hex')}`,
    to: recipient.to,
    message: tellTest({ site: config.site.name }),
    alerts: [],
  };
  const answer = await send(letter, { handOver: async () => {}, stop: new AbortController().signal });
  if (answer.kind !== 'taken') throw new CommandError(`${recipient.to}: ${tellFailure(answer)}`);
  out(`${recipient.to} has been sent a test, and its server has taken it. Ask whether it arrived.`);
}

function tellFailure(answer: Exclude<Answer, { kind: 'taken' }>): string {
  if (answer.kind === 'in-doubt') return `nobody knows whether it was taken: ${answer.why}`;
  return `not taken: ${answer.why}.${answer.forGood ? ' An alert would be given up at once.' : ' An alert would be tried again.'}`;
}

function readSecretsOrSay<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CommandError(reasonOf(error));
  }
}
