/** What the trunk's INVITE said, as text and unverified. `null` where the header was absent. */
export interface Signalling {
  /** The whole From header: display name, URI and parameters. */
  readonly from: string | null;
  /** P-Asserted-Identity (RFC 3325): the number the network itself stands for. */
  readonly assertedIdentity: string | null;
  /** Privacy (RFC 3323): `id` withholds the number. */
  readonly privacy: string | null;
  /** Diversion (RFC 5806) or History-Info: the call was forwarded. */
  readonly diversion: string | null;
  /** Identity (RFC 8224): a signed PASSporT. Clearline reads its claim and does not verify its signature. */
  readonly identity: string | null;
  readonly callId: string | null;
  readonly userAgent: string | null;
  /** Address and port the INVITE came from. */
  readonly sourceAddress: string | null;
  readonly codecs: readonly string[];
}

/** A calling number, as written by the trunk and, where it is one, as E.164. */
export interface CallingNumber {
  readonly written: string;
  readonly e164: string | null;
}

/** Something about the number that an honest call seldom shows. It adds a reason; it never decides in silence. */
export const signKinds = [
  'short-code',
  'premium-number',
  'impossible-length',
  'do-not-originate',
  'home-number-from-abroad',
  'identities-differ',
  'attestation-failed',
  'attestation-missing',
] as const;
export type SignKind = (typeof signKinds)[number];

export interface Sign {
  readonly kind: SignKind;
  /** One plain sentence for staff: "The caller showed 999, which never rings anybody." */
  readonly text: string;
}

/** RFC 8588 attestation levels A, B and C, or a check the network says failed. */
export type Attestation = 'full' | 'partial' | 'gateway' | 'failed';

/** Who the network says is calling. */
export interface CallerIdentity {
  /** The number shown to the called party (From). Null when withheld or absent. */
  readonly presentation: CallingNumber | null;
  /** The number the network asserts (P-Asserted-Identity). */
  readonly network: CallingNumber | null;
  /** Display name with control characters removed and cut to 80 characters, safe to show. The raw text stays in Signalling. */
  readonly name: string | null;
  readonly withheld: boolean;
  readonly attestation: Attestation | null;
  readonly signs: readonly Sign[];
}
