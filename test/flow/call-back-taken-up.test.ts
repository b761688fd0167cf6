import { expect, test } from 'vitest';
import type { CallBack } from '../../services/core/ports.ts';
import { Home } from './home.ts';

/** A call back that an earlier interceptor made goes on; Redis has its promise made again, and must not have it made twice. */

const promise: CallBack = {
  id: '1.1',
  line: 'room-12',
  number: { class: 'guarded', number: '101', prefix: null, name: 'Police' },
  promisedAt: 0,
  tries: 0,
};

test('that reached the number is done with, and no telephone rings', async () => {
  const home = new Home();
  home.callBacks.goOn({ id: '1.1-cb1', outcome: Promise.resolve('connected') });
  expect(await home.callBacks.make(promise)).toBeNull();
  expect(home.exchange.dialled).toEqual([]);
});

test('that did not is made again when it is time', async () => {
  const home = new Home();
  home.callBacks.goOn({ id: '1.1-cb1', outcome: Promise.resolve('given-up') });
  expect(await home.callBacks.make(promise)).toEqual({ value: { ...promise, tries: 1 }, inMs: 120_000 });
});
