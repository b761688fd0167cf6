import { expect, test } from 'vitest';
import { LoadedLines } from '../../../services/interceptor/line/line-book.ts';
import { storedLine } from '../../support/finished-call.ts';

const second = storedLine({ id: 'room-14', number: '+441923555014' });

test('a line is found by its number and by its id, without its telephone’s password', () => {
  const book = new LoadedLines();
  book.replaceBy([storedLine(), second]);
  expect(book.byNumber('+441923555014')).toMatchObject({ id: 'room-14' });
  expect(book.byId('room-12')).toMatchObject({ number: '+441923555012' });
  expect(JSON.stringify([book.byId('room-12'), book.byNumber('+441923555014')])).not.toContain('correct horse');
});

test('a number or an id that no line has finds none', () => {
  const book = new LoadedLines();
  expect([book.byNumber('+441923555012'), book.byId('room-12')]).toEqual([null, null]);
  book.replaceBy([second]);
  expect([book.byNumber('+441923555012'), book.byId('room-12')]).toEqual([null, null]);
});

test('lines that were removed or renumbered are not found any more; a call keeps the one it has', () => {
  const book = new LoadedLines();
  book.replaceBy([storedLine(), second]);
  const kept = book.byId('room-12');
  book.replaceBy([{ ...second, number: '+441923555015' }]);
  expect([book.byId('room-12'), book.byNumber('+441923555014')]).toEqual([null, null]);
  expect(book.byNumber('+441923555015')?.id).toBe('room-14');
  expect(kept?.number).toBe('+441923555012');
});
