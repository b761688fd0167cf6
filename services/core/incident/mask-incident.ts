import type { Incident, IncidentDetails } from './incident.ts';
import { type Masked, maskSecrets } from './mask.ts';
import type { Secret } from './mask-words.ts';

/** Masks every text of an incident that somebody typed or a caller sent. Masking it again changes nothing. */
export function maskIncident<T extends IncidentDetails & Pick<Incident, 'legalHold'>>(incident: T): T {
  return findAndMask(incident).incident;
}

/** The same, and what was found. */
export function findAndMask<T extends IncidentDetails & Pick<Incident, 'legalHold'>>(
  incident: T,
): { readonly incident: T; readonly removed: readonly Secret[] } {
  const removed = new Set<Secret>();
  const take = ({ text, removed: found }: Masked) => {
    for (const secret of found) removed.add(secret);
    return text;
  };
  const text = (written: string) => take(maskSecrets(written));
  const textOrNull = (written: string | null) => (written === null ? null : text(written));
  const numberOrNull = (written: string | null) => (written === null ? null : take(maskSecrets(written, true)));
  const { caller, courier, victim, actions, notes, legalHold } = incident;
  const masked = {
    ...incident,
    suspicion: textOrNull(incident.suspicion),
    caller: {
      ...caller,
      name: textOrNull(caller.name),
      rank: textOrNull(caller.rank),
      organisation: textOrNull(caller.organisation),
      callBackNumber: numberOrNull(caller.callBackNumber),
      words: textOrNull(caller.words),
    },
    courier: courier && {
      ...courier,
      description: textOrNull(courier.description),
      vehicle: textOrNull(courier.vehicle),
    },
    victim: { ...victim, contact: textOrNull(victim.contact), needs: textOrNull(victim.needs) },
    actions: actions.map((action) => ({
      ...action,
      reference: numberOrNull(action.reference),
      note: textOrNull(action.note),
    })),
    notes: notes.map((note) => ({ ...note, text: text(note.text) })),
    legalHold: legalHold && { ...legalHold, why: text(legalHold.why) },
  };
  return { incident: masked, removed: [...removed] };
}
