import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Phones } from '../support/phones.ts';
import { freePort, startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: TestStack;
let phones: Phones;

beforeAll(async () => {
  stack = await startTestStack({
    lines: [{ id: 'room-1', number: '+441923555101', mode: 'paused' }],
    trunks: [{ name: 'carrier', address: `127.0.0.2:${await freePort()}` }],
    settings: { screening: { holdSeconds: 300 } },
    services: ['interceptor'],
  });
  phones = new Phones({ host: '127.0.0.1', port: Number(stack.sip.split(':')[1]) });
});

afterAll(async () => {
  phones?.close();
  await stack?.stop();
});

/** Closes AMI for everybody, or opens it again. */
async function closeAmi(closed: boolean): Promise<void> {
  const file = join(stack.config.paths.asterisk, 'etc/site/manager.conf');
  if (closed) await writeFile(file, '[general](+)\nenabled = no\n');
  else await rm(file);
  await stack.asterisk.cli('manager reload');
  await until('nobody is connected, or somebody is again', async () => {
    const shown = await stack.asterisk.cli('manager show connected');
    const [, session] = /^ *clearline .* (\d+) +\d+ +\d+ +\d+ *$/m.exec(shown) ?? [];
    if (closed && session) await stack.asterisk.cli(`manager kick session ${session}`);
    return closed !== (session !== undefined);
  });
}

async function heldFor(): Promise<number | null> {
  const found = /Value: (\d+)/.exec(await stack.asterisk.cli('database get clearline-hold room-1'));
  return found ? Number(found[1]) - Date.now() / 1000 : null;
}

async function leavesNoHold(): Promise<boolean> {
  const shown = await stack.asterisk.cli('core show channels concise');
  const [caller = ''] = /^PJSIP\/trunk-carrier-[^!]+/m.exec(shown) ?? [];
  return /^CLEARLINE_HOLD_SECONDS=0$/m.test(await stack.asterisk.cli(`core show channel ${caller}`));
}

test('a conversation that began and ended while AMI was away holds its line in AstDB once AMI is back', async () => {
  const carrier = await phones.trunk('127.0.0.2');
  const resident = await phones.register({ address: '127.0.0.3', user: 'room-1', password: 'secret-room-1' });
  const call = await carrier.call({ to: '01923555101', from: { number: '02079460999' } });
  const rung = await resident.nextCall();
  await until('a caller who has not reached the resident yet leaves no hold', leavesNoHold);
  await closeAmi(true);
  rung.answer();
  await call.untilAnswered();
  call.hangUp();
  await call.untilEnded();
  rung.hangUp();
  await until('the call is over', async () => (await stack.channels()).length === 0);
  expect(await heldFor()).toBeNull();
  await closeAmi(false);
  expect(await until('the line is held', heldFor)).toBeGreaterThan(290);
  expect(await heldFor()).toBeLessThan(301);
});
