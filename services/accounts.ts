import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** Passwords of people, kept so that whoever steals the database has to guess each, slowly. */

/** 32 MB and some 60 ms a guess (RFC 7914): N, r, p. Kept with each hash, so that they may grow. */
const cost = [2 ** 15, 8, 1] as const;
const keyBytes = 32;

/** `scrypt:N:r:p:salt:key`, the last two in base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return ['scrypt', ...cost, salt.toString('base64'), key.toString('base64')].join(':');
}

/** Nobody's: it takes as long to find that nothing fits it. */
const nobody = `scrypt:${cost.join(':')}:${Buffer.alloc(16).toString('base64')}:${Buffer.alloc(keyBytes).toString('base64')}`;

/** Whether this password was hashed so. With null, which is nobody's hash, false, after the same time. */
export async function fitsPassword(password: string, hash: string | null): Promise<boolean> {
  const [kind, n, r, p, salt = '', key = ''] = (hash ?? nobody).split(':');
  if (kind !== 'scrypt') return false;
  const expected = Buffer.from(key, 'base64');
  const found = await derive(password, Buffer.from(salt, 'base64'), [Number(n), Number(r), Number(p)]);
  return expected.length === found.length && timingSafeEqual(found, expected) && hash !== null;
}

/** Why a password will not do, in a sentence; null where it will. */
export function passwordFault(password: string): string | null {
  const length = Array.from(password).length;
  if (length < 12)
    return 'A password has at least 12 characters: three or four words that do not belong together do well.';
  if (length > 200) return 'A password has at most 200 characters.';
  return new Set(password).size < 5 ? 'A password has more than four different characters.' : null;
}

function derive(password: string, salt: Buffer, [N, r, p]: readonly [number, number, number]): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    // The same characters may be typed in several ways.
    scrypt(password.normalize('NFKC'), salt, keyBytes, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
