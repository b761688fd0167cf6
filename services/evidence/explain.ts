import type { PublicKey } from './site-key.ts';

/** What stands in READ-ME.txt: whoever has the pack need not have Clearline. */
export function explanation({ text, fingerprint }: PublicKey): string {
  return `Evidence about a telephone fraud, put together by Clearline.

report.pdf      the whole, for a person to read
incident.json   what staff put on record about the incident
calls/          each call: its record, and its journal, entry by entry
recordings/     what was recorded, as WAV files
manifest.json   every file with its size and SHA-256 digest, and the links of
                its calls in the site's chain of hashes
manifest.sig    the Ed25519 signature of manifest.json, in hexadecimal

To check that nothing was changed, with Clearline on any computer:

  clearline evidence verify FILE --key ${fingerprint}

Without Clearline: compare each file with its digest (sha256sum), and check
the signature of manifest.json with OpenSSL 3:

  echo ${text} | base64 -d > key.der
  xxd -r -p manifest.sig manifest.sig.bin
  openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin \\
    -in manifest.json -sigfile manifest.sig.bin

Ask the site itself, by another way than you got this file, whether its key
has this fingerprint (SHA-256 of key.der; the site: clearline evidence key):

  ${fingerprint}
`;
}
