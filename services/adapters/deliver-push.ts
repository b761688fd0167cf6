import type { Send } from '../core/alerting/sender.ts';
import { post } from './deliver-http.ts';

/** Notifications for telephones, posted to a topic as ntfy takes them (docs.ntfy.sh/publish). */

/** ntfy makes a file of what is longer than 4,096 bytes. */
const mostBytes = 3_900;

/** `token` goes out as a bearer's; null: none is needed. */
export function pushSender(token: string | null, deadlineMs?: number): Send {
  return ({ to, message }, attempt) => {
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      title: headerText(message.subject),
      priority: message.urgent ? '5' : '4',
      tags: message.urgent ? 'rotating_light' : 'telephone_receiver',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    };
    const body = shorten(message.text);
    return post(
      { url: to, headers, body, repeatable: false, ...(deadlineMs !== undefined && { deadlineMs }) },
      attempt,
    );
  };
}

/** What is not ASCII goes as RFC 2047 has it, which ntfy reads. */
function headerText(text: string): string {
  return /^[ -~]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
}

function shorten(text: string): string {
  if (Buffer.byteLength(text) <= mostBytes) return text;
  const cut = Buffer.from(text).subarray(0, mostBytes).toString('utf8');
  return `${cut.slice(0, cut.lastIndexOf('\n'))}\n… and more: clearline alerts`;
}
