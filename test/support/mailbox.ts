import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** One mail that the server took, or refused at its end. */
export interface Mail {
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly raw: string;
  /** The body, decoded. */
  readonly text: string;
}

/** What the server says to a whole message: 250, or a refusal with its number. May take its time. */
export type OnMail = (mail: Mail) => number | null | Promise<number | null>;

export interface Mailbox {
  readonly port: number;
  /** What was taken, in order. */
  readonly mails: readonly Mail[];
  /** From now on. */
  onMail(hear: OnMail): void;
  close(): Promise<void>;
}

/** A real SMTP server on loopback. Without `options` it has neither TLS nor a login. */
export async function openMailbox(options: SMTPServerOptions & { port?: number } = {}): Promise<Mailbox> {
  const mails: Mail[] = [];
  let hear: OnMail = () => null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    ...options,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      // A message whose connection ends before the dot never gets here.
      stream.on('end', async () => {
        const mail = readMail(
          Buffer.concat(chunks).toString('utf8'),
          session.envelope.rcptTo.map(({ address }) => address),
        );
        const code = (await hear(mail)) ?? 250;
        if (code < 400) {
          mails.push(mail);
          return done(null, 'taken');
        }
        done(Object.assign(new Error('not now'), { responseCode: code }));
      });
    },
  });
  // Connections that a test breaks off are no news.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    onMail: (given) => {
      hear = given;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function readMail(raw: string, to: readonly string[]): Mail {
  const [head = '', ...body] = raw.split('\r\n\r\n');
  const headers = head.replaceAll(/\r\n[ \t]+/g, ' ');
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(headers)?.[1] ?? '';
  const quoted = /^Content-Transfer-Encoding: quoted-printable$/im.test(headers);
  const text = body.join('\r\n\r\n').replaceAll('\r\n', '\n');
  return {
    id: header('Message-ID'),
    to,
    subject: header('Subject'),
    raw,
    text: quoted ? readQuoted(text) : text,
  };
}

function readQuoted(text: string): string {
  const bytes = text
    .replaceAll('=\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
