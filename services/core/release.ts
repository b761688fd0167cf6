import type { SipSeen } from './hep.ts';

/** One dialog of Asterisk's (RFC 3261 §12), as far as it tells whether the far end has let go of it. */
export interface Dialog {
  /** The INVITE was accepted, by whichever side. */
  answered: boolean;
  /** CSeq of each BYE of ours: Asterisk sends a second one when a re-INVITE comes after the first. */
  readonly byes: Set<number>;
  /** Our refusal of the INVITE. */
  refused: { readonly sequence: number; readonly status: number } | null;
  /** The far end has let go: nothing that still comes can change that. */
  over: boolean;
}

export interface Followed {
  /** This message is our goodbye: a BYE, or a refusal. */
  readonly saidGoodbye: boolean;
  /** The status with which the far end let go; null while it has not. */
  readonly released: number | null;
}

/** Each re-INVITE could cost us one more. */
const mostByes = 100;

const nothing: Followed = { saidGoodbye: false, released: null };
const goodbye: Followed = { saidGoodbye: true, released: null };

export function newDialog(): Dialog {
  return { answered: false, byes: new Set(), refused: null, over: false };
}

/**
 * A dialog begins with what we send in it, never with what the far end claims. A re-INVITE to one that Asterisk has
 * forgotten is answered 481 and begins none, nor does a challenge, after which the same call is tried again.
 */
export function begins({ sentBy, method, status }: SipSeen): boolean {
  if (sentBy !== 'us') return false;
  if (status === null) return method === 'INVITE' || method === 'BYE';
  return method === 'INVITE' && status !== 481 && !isChallenge(status);
}

/**
 * Takes the dialog one message further. The far end has let go when it answers our BYE with 2xx or 481, when we accept its
 * BYE, when it acknowledges our refusal or had cancelled first (`cancelled`: the CSeq of that INVITE), or refuses ours.
 */
export function follow(dialog: Dialog, seen: SipSeen, cancelled: number | null): Followed {
  const { sentBy, method, status, sequence } = seen;
  if (dialog.over) return nothing;
  switch (`${sentBy} ${method} ${status === null ? 'request' : 'answer'}`) {
    case 'us INVITE answer':
      return weAnswer(dialog, seen, cancelled);
    case 'them ACK request':
      return dialog.refused?.sequence === sequence ? release(dialog, dialog.refused.status) : nothing;
    case 'them INVITE answer':
      if (isSuccess(status)) dialog.answered = true;
      return isRefusal(status) && !dialog.answered ? release(dialog, status) : nothing;
    case 'us BYE request':
      if (dialog.byes.size < mostByes) dialog.byes.add(sequence);
      return goodbye;
    case 'them BYE answer':
      return dialog.byes.has(sequence) && (isSuccess(status) || status === 481) ? release(dialog, status) : nothing;
    case 'us BYE answer':
      // A BYE that fits no dialog of ours is answered 481: whoever sent it holds on to the real one.
      return isSuccess(status) ? release(dialog, status) : nothing;
    default:
      return nothing;
  }
}

function weAnswer(dialog: Dialog, { status, sequence }: SipSeen, cancelled: number | null): Followed {
  if (isSuccess(status)) dialog.answered = true;
  if (!isRefusal(status) || dialog.answered) return nothing;
  if (cancelled === sequence) return release(dialog, status);
  dialog.refused = { sequence, status };
  return goodbye;
}

function release(dialog: Dialog, status: number): Followed {
  dialog.over = true;
  return { saidGoodbye: false, released: status };
}

function isSuccess(status: number | null): status is number {
  return status !== null && status >= 200 && status < 300;
}

/** The end of an INVITE, other than a call for a password. */
function isRefusal(status: number | null): status is number {
  return status !== null && status >= 300 && !isChallenge(status);
}

function isChallenge(status: number): boolean {
  return status === 401 || status === 407;
}
