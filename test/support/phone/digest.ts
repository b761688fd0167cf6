import { hash, randomBytes } from 'node:crypto';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * The value of an Authorization header that answers a challenge (RFC 8760, RFC 7616), for MD5 and SHA-256, with
 * `qop=auth` where it is offered.
 */
export function answerChallenge(challenge: string, method: string, uri: string, credentials: Credentials): string {
  const field = (name: string) => new RegExp(`\\b${name}="?([^",]*)"?`, 'i').exec(challenge)?.[1];
  const algorithm = field('algorithm') ?? 'MD5';
  const digest = (text: string) => hash(algorithm.toUpperCase() === 'SHA-256' ? 'sha256' : 'md5', text);
  const [realm = '', nonce = '', opaque, qop] = ['realm', 'nonce', 'opaque', 'qop'].map(field);
  const secret = digest(`${credentials.user}:${realm}:${credentials.password}`);
  const asked = digest(`${method}:${uri}`);
  const cnonce = randomBytes(8).toString('hex');
  const count = '00000001';
  const response =
    qop === undefined
      ? digest(`${secret}:${nonce}:${asked}`)
      : digest(`${secret}:${nonce}:${count}:${cnonce}:auth:${asked}`);
  const quoted = { username: credentials.user, realm, nonce, uri, response, ...(opaque !== undefined && { opaque }) };
  return [
    `Digest ${Object.entries(quoted)
      .map(([name, value]) => `${name}="${value}"`)
      .join(', ')}`,
    `algorithm=${algorithm}`,
    ...(qop === undefined ? [] : [`qop=auth`, `nc=${count}`, `cnonce="${cnonce}"`]),
  ].join(', ');
}
