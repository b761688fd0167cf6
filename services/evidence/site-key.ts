import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config.ts';

/**
 * The Ed25519 key (RFC 8032) with which a site signs its evidence packs. Its public half is no secret: whoever has its
 * fingerprint from the site itself knows whose pack a pack is.
 */
export interface SiteKey {
  readonly public: PublicKey;
  /** The signature of these bytes, 64 bytes. */
  sign(bytes: Uint8Array): Buffer;
}

export interface PublicKey {
  /** SubjectPublicKeyInfo (RFC 8410) in base64. */
  readonly text: string;
  /** SHA-256 of the same, in hexadecimal. */
  readonly fingerprint: string;
}

function keyFile({ paths }: Pick<Config, 'paths'>): string {
  return join(paths.data, 'evidence-key.pem');
}

/** The site's key; made where there is none, in a file only its owner can read. Of several that make it at once one counts. */
export function ensureSiteKey(config: Pick<Config, 'paths'>): SiteKey {
  const file = keyFile(config);
  if (!existsSync(file)) makeKey(file);
  chmodSync(file, 0o600);
  return readKey(file);
}

/** The fingerprint of the site's key; null where none was made yet. */
export function siteFingerprint(config: Pick<Config, 'paths'>): string | null {
  const file = keyFile(config);
  return existsSync(file) ? readKey(file).public.fingerprint : null;
}

function makeKey(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const half = `${file}.${process.pid}`;
  const written = openSync(half, 'w', 0o600);
  writeSync(written, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  fsyncSync(written);
  closeSync(written);
  try {
    // Unlike a rename this never replaces a key that another process has made meanwhile.
    linkSync(half, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(half);
  }
}

function readKey(file: string): SiteKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: not a private key in PEM. Put back the copy of your backup`, { cause: error });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${file}: not an Ed25519 key`);
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return { public: describeKey(der), sign: (bytes) => sign(null, bytes, key) };
}

function describeKey(der: Buffer): PublicKey {
  return { text: der.toString('base64'), fingerprint: createHash('sha256').update(der).digest('hex') };
}

/** Whether the key that a manifest names made this signature, and has the fingerprint it names. */
export function isSigned(bytes: Uint8Array, signature: Uint8Array, named: PublicKey): boolean {
  try {
    const der = Buffer.from(named.text, 'base64');
    const { text, fingerprint } = describeKey(der);
    if (text !== named.text || fingerprint !== named.fingerprint) return false;
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, bytes, key, signature);
  } catch {
    return false;
  }
}
