import type { CountryPack } from './number.ts';
import type { StoredLine } from './ports.ts';

/** What the files are made of. Ports are numbers, times whole seconds, passwords plain text. */
export interface AsteriskFacts {
  readonly sip: {
    readonly bind: string;
    readonly port: number;
    readonly rtpFrom: number;
    readonly rtpTo: number;
    /** Absolute files. Absent: no TLS. */
    readonly tls?: { readonly port: number; readonly certificate: string; readonly key: string; readonly ca?: string };
    /** What the telephones' audio is; `rtp` where absent. */
    readonly lineMedia?: 'rtp' | 'srtp';
  };
  readonly httpPort: number;
  readonly amiPort: number;
  /** Where the copies of SIP messages go, on 127.0.0.1, and what they carry so that no other program's are believed. */
  readonly hep: { readonly port: number; readonly password: string };
  readonly trunks: readonly AsteriskTrunk[];
  /** The staff telephone's SIP account; undefined where there is none. */
  readonly staffPhone: string | undefined;
  readonly passwords: { readonly ari: string; readonly ami: string; readonly staffPhone: string };
  readonly holdSeconds: number;
  /** The site's own numbers, beside the country's, as written or tidied. */
  readonly numbers: {
    readonly emergency: readonly string[];
    readonly guarded: readonly string[];
    readonly premium: readonly string[];
    readonly ordinary: readonly string[];
    readonly abroadIsPremium: boolean;
  };
  /** How many calls there may be before callers are refused. */
  readonly overload: {
    readonly callsAtOnce: number;
    readonly callsPerSecond: number;
  };
  /** What becomes of premium numbers, of ordinary ones while the line is held, and of those abroad. */
  readonly outgoing: {
    readonly abroad: 'connect' | 'refuse';
    readonly callsAtOnce: number;
    readonly premium: 'connect' | 'refuse';
    readonly ordinaryWhileHeld: 'connect' | 'warn' | 'refuse';
  };
  /** Where the home stands, `geo:51.6401,-0.4687`; undefined where that is not told. */
  readonly location: string | undefined;
  readonly lines: readonly StoredLine[];
  /** Absolute folder of the prompts. */
  readonly sounds: string;
  readonly pack: CountryPack;
}

export interface AsteriskTrunk {
  readonly name: string;
  /** `host` or `host:port`, port 5060 by default. */
  readonly address: string;
  /** Its carrier normally vouches for numbers: the headers that do are read before the phone rings. */
  readonly attests: boolean;
  /** `timed`: its far end can hold it open for `clearingSeconds` after a call. */
  readonly clearing: 'proven' | 'timed';
  readonly clearingSeconds: number;
  /** It takes the home's place in an emergency call. */
  readonly location: boolean;
  /** Ordinary and premium calls it may carry at once; undefined: any number. */
  readonly outgoingCalls?: number | undefined;
  /** `udp` where absent. */
  readonly transport?: 'udp' | 'tcp' | 'tls';
  /** `rtp` where absent. */
  readonly media?: 'rtp' | 'srtp';
  /** Addresses and networks its calls come from, beside its own address. */
  readonly permit?: readonly string[];
}
