import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { type Answer, type Attempt, type Letter, refused, type Send } from '../core/alerting/sender.ts';

/**
 * E-mail over SMTP, a connection a message. The message goes out as a stream whose end, and with it the dot on a line of its own
 * that ends DATA, waits for `handOver`: a server drops what comes without it (RFC 5321, 4.1.1.4). The sole import of nodemailer.
 */

export interface MailOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'implicit' | 'none';
  /** In PEM. Absent: the authorities that Node knows. */
  readonly ca?: string | undefined;
  readonly login?: { readonly user: string; readonly password: string } | undefined;
  readonly from: { readonly name: string; readonly address: string };
  readonly deadlines?: Deadlines;
}

interface Deadlines {
  /** Until the message is handed over, in milliseconds. */
  readonly handOverMs: number;
  /** From there to the answer. RFC 5321 asks for ten minutes, since whoever hears no answer knows nothing; by then everything waits. */
  readonly answerMs: number;
}

const patience: Deadlines = { handOverMs: 60_000, answerMs: 300_000 };

export function mailSender(options: MailOptions): Send {
  return async (letter, attempt) => {
    try {
      return await sendOver(options, letter, await compose(options, letter), attempt);
    } catch (error) {
      return refused(reasonOf(error));
    }
  };
}

/** The whole message, as it stands between DATA and the dot. */
function compose({ from }: MailOptions, { id, to, message }: Letter): Promise<Buffer> {
  const mail = new MailComposer({
    from,
    to,
    subject: message.subject,
    text: `${message.text}\n`,
    messageId: `<${id}@${from.address.split('@').at(-1)}>`,
    headers: {
      // No absence note answers it (RFC 3834).
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...(message.urgent && { Importance: 'high', 'X-Priority': '1' }),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'win',
  });
  return mail.compile().build();
}

function sendOver(options: MailOptions, { to }: Letter, raw: Buffer, attempt: Attempt): Promise<Answer> {
  const { handOverMs, answerMs } = options.deadlines ?? patience;
  const connection = connect(options, handOverMs + answerMs);
  let handedOver = false;
  let over = false;
  return new Promise<Answer>((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const end = (answer: Answer) => {
      // To close a connection ends it once more.
      if (over) return;
      over = true;
      clearTimeout(timer);
      attempt.stop.removeEventListener('abort', stop);
      // Whoever has been answered may be told goodbye; otherwise nothing more may go out, least of all a dot.
      if (answer.kind === 'taken') connection.quit();
      else connection.close();
      resolve(answer);
    };
    const fail = (error: unknown) => end(answerTo(error, handedOver));
    const stop = () => {
      if (!handedOver) end(refused('the worker was stopped'));
    };
    const giveUpIn = (ms: number, what: string) => {
      clearTimeout(timer);
      timer = setTimeout(() => fail(new Error(`the mail server ${what} within ${ms / 1000} s`)), ms);
    };
    const body = async function* () {
      yield raw;
      await attempt.handOver();
      if (over) throw new Error('the attempt has ended meanwhile');
      handedOver = true;
      giveUpIn(answerMs, 'did not answer the message');
    };
    giveUpIn(handOverMs, 'did not take the message');
    attempt.stop.addEventListener('abort', stop);
    if (attempt.stop.aborted) return stop();
    connection.on('error', fail);
    connection.once('end', () => fail(new Error('the mail server closed the connection')));
    const send = () => {
      const envelope = { from: options.from.address, to: [to], size: raw.length };
      connection.send(envelope, Readable.from(body()), (error) => (error ? fail(error) : end({ kind: 'taken' })));
    };
    connection.connect((error) => {
      if (error) return fail(error);
      const { login } = options;
      if (!login) return send();
      const auth = { user: login.user, pass: login.password };
      connection.login({ ...auth, credentials: auth }, (failure) => (failure ? fail(failure) : send()));
    });
  });
}

function connect({ host, port, tls, ca }: MailOptions, mostMs: number): SMTPConnection {
  return new SMTPConnection({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    connectionTimeout: 10_000,
    greetingTimeout: 30_000,
    dnsTimeout: 10_000,
    // Our own deadlines come first: they know whether the message is handed over.
    socketTimeout: mostMs + 60_000,
    socketCloseTimeout: 1_000,
    maxResponseSize: 65_536,
  });
}

/** What nodemailer says of a failure: an answer of the server has a number, and so surely is one. */
function answerTo(error: unknown, handedOver: boolean): Answer {
  const { responseCode, response, code } = error as { responseCode?: number; response?: string; code?: string };
  const why = typeof response === 'string' && response !== '' ? `the mail server said: ${response}` : reasonOf(error);
  if (responseCode !== undefined && responseCode >= 400) {
    // A password that is wrong can be put right, and the message is still good.
    return refused(why, responseCode >= 500 && code !== 'EAUTH' && code !== 'ETLS');
  }
  return handedOver ? { kind: 'in-doubt', why } : refused(why);
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
