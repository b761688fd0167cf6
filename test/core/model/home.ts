import { LoadedLines } from '../../../services/interceptor/line/line-book.ts';
import { storedLine } from '../../support/finished-call.ts';

/** Two lines of one home: one that announces to strangers, one that challenges them. Anna is trusted by both. */

export const anna = '01923555100';
export const homeLines = [
  { id: 'room-12', number: '01923555012' },
  { id: 'room-13', number: '01923555013' },
] as const;

const stored = homeLines.map(({ id, number }, index) =>
  storedLine({
    id,
    number: `+44${number.slice(1)}`,
    mode: index === 0 ? 'announce' : 'guarded',
    trusted: [{ name: 'Anna', number: `+44${anna.slice(1)}` }],
    blocked: [],
    ringSeconds: 20,
    toneWatch: true,
  }),
);

export function lines(): LoadedLines {
  const book = new LoadedLines();
  book.replaceBy(stored);
  return book;
}
