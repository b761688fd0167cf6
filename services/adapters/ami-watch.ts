import { AmiWire, type Fields } from './ami-wire.ts';

/** A telephone's password was proved, or was not, as Asterisk's security events tell it. */
export interface PasswordSeen {
  readonly kind: 'proved' | 'wrong';
  /** The account that was named, if it exists. */
  readonly account: string;
  /** The IP address that the message came from: over UDP anybody may write any. */
  readonly address: string;
  /** What Asterisk is said to have asked with; only a wrong answer tells it. Whoever sent the answer wrote it. */
  readonly nonce: string;
}

export interface AmiWatchOptions {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

const retryMs = 1_000;
/** Asked this often, in milliseconds, whether it still answers. */
const pingMs = 10_000;

/**
 * A connection of its own to AMI for security events: a flood of them must not delay what the witness is asked. Made anew each
 * time it drops. The answer ends it.
 */
export function watchPasswords(options: AmiWatchOptions, hear: (seen: PasswordSeen) => void): () => void {
  let wire: AmiWire | null = null;
  let retry: NodeJS.Timeout | undefined;
  const account = { ...options, user: 'clearline-watch', events: 'security' };
  const connect = () => {
    wire = new AmiWire(account, {
      onReady: () => {},
      onItem: (fields) => {
        const seen = passwordSeen(fields);
        if (seen !== null) hear(seen);
      },
      onClose: () => {
        wire = null;
        retry = setTimeout(connect, retryMs);
      },
    });
  };
  connect();
  const ping = setInterval(() => wire?.send({ action: 'Ping' }), pingMs);
  return () => {
    clearInterval(ping);
    clearTimeout(retry);
    wire?.close();
  };
}

/** Null for whatever else Asterisk tells, of ARI's and AMI's own passwords too. */
export function passwordSeen(fields: Fields): PasswordSeen | null {
  const { event, service, accountid: account = '', challenge: nonce = '' } = fields;
  // IPV4/UDP/192.0.2.7/5060
  const address = fields.remoteaddress?.split('/')[2] ?? '';
  if (service !== 'PJSIP' || address === '') return null;
  if (event === 'ChallengeResponseFailed') return { kind: 'wrong', account, address, nonce };
  const proved = event === 'SuccessfulAuth' && fields.usingpassword === '1';
  return proved ? { kind: 'proved', account, address, nonce: '' } : null;
}
