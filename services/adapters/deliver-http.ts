import { request as requestInClear } from 'node:http';
import { request } from 'node:https';
import { type Answer, type Attempt, refused } from '../core/alerting/sender.ts';

/**
 * One POST. With `handOver` the last byte of the body waits for it: a receiver that got less than Content-Length says has no
 * request. No redirect is followed, since nobody but the address in the settings is to read it.
 */

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The receiver drops what it has already, so that whatever goes wrong may be sent again. */
  readonly repeatable: boolean;
  readonly deadlineMs?: number;
}

const patienceMs = 30_000;
/** Of an answer's text, so much is told. */
const mostTold = 200;

export function post(what: Post, attempt: Attempt): Promise<Answer> {
  const { url, repeatable, deadlineMs = patienceMs } = what;
  const body = Buffer.from(what.body);
  const headers = { ...what.headers, 'content-length': String(body.length), 'user-agent': 'Clearline' };
  const begin = new URL(url).protocol === 'https:' ? request : requestInClear;
  let handedOver = false;
  return new Promise<Answer>((resolve) => {
    // A connection of its own: one that is kept may be closed from afar as we write, and then nobody knows what was read.
    const asking = begin(url, { method: 'POST', headers, agent: false });
    const end = (answer: Answer) => {
      clearTimeout(timer);
      attempt.stop.removeEventListener('abort', stop);
      asking.destroy();
      resolve(answer);
    };
    const fail = (error: unknown) => {
      const why = error instanceof Error ? error.message || String(error) : String(error);
      end(handedOver && !repeatable ? { kind: 'in-doubt', why } : refused(why));
    };
    const stop = () => {
      if (!handedOver || repeatable) end(refused('the worker was stopped'));
    };
    const timer = setTimeout(() => fail(new Error(`no answer within ${deadlineMs / 1000} s`)), deadlineMs);
    attempt.stop.addEventListener('abort', stop);
    asking.on('error', fail);
    asking.on('response', (response) => {
      const status = response.statusCode ?? 0;
      // The status is the answer; what text there is only helps whoever reads of it.
      let text = '';
      response.setEncoding('utf8');
      const done = () => end(answerTo(status, response.headers.location, text, handedOver && !repeatable));
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > mostTold) done();
      });
      for (const event of ['end', 'error', 'close']) response.on(event, done);
    });
    const finish = async () => {
      if (attempt.stop.aborted) return stop();
      if (!repeatable) {
        await written(asking, body.subarray(0, -1));
        await attempt.handOver();
        if (asking.destroyed) return;
      }
      handedOver = true;
      asking.end(repeatable ? body : body.subarray(-1));
    };
    finish().catch(fail);
  });
}

function written(to: ReturnType<typeof request>, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => to.write(bytes, (error) => (error ? reject(error) : resolve())));
}

/** `uncertain`: it was handed over, and must not be sent again unless it surely was not taken. */
function answerTo(status: number, location: string | undefined, text: string, uncertain: boolean): Answer {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const said = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  const why = `it answered ${status}${said === '' ? '' : `: ${said.slice(0, mostTold)}`}`;
  if (status >= 300 && status < 400) {
    const host = location === undefined ? 'elsewhere' : (URL.parse(location)?.host ?? 'another path');
    return refused(`it answered ${status}, go to ${host}: put the right address into alerts.recipients`, true);
  }
  // A proxy says so of what the receiver behind it may have taken.
  if (uncertain && (status === 502 || status === 504)) return { kind: 'in-doubt', why };
  const soon = status >= 500 || [408, 425, 429].includes(status);
  return refused(why, !soon);
}
