import { expect, type TestContext, test } from 'vitest';
import { type Ami, openAmi } from '../../../services/adapters/ami.ts';
import { honestly, nonsense, StrangeManager } from '../../fuzz/ami.ts';
import { chosen } from '../../fuzz/figures.ts';
import { Dice } from '../../support/dice.ts';
import { until } from '../../support/until.ts';

/**
 * A manager interface that speaks nonsense: whatever it says, every question is answered or given up within its second,
 * nothing is thrown, and once it is itself again so is the adapter.
 */

const { count, seed } = chosen(600);
const question = { line: 'room-1', channel: 'PJSIP/room-1-1', own: new Map<string, string>() };

/** A manager and who asks it; `open` begins the connection, once the manager is as the test wants it. */
async function meet({ onTestFinished }: TestContext) {
  const manager = await StrangeManager.open();
  const troubles: string[] = [];
  const open = (): Ami => {
    const account = { host: '127.0.0.1', port: manager.port, user: 'clearline', password: 'x' };
    const ami = openAmi(account, (why) => troubles.push(why));
    onTestFinished(() => {
      ami.close();
      manager.close();
    });
    return ami;
  };
  return { manager, open, troubles };
}

/** The adapter has found its way back to a manager that is itself again. */
async function untilSane(manager: StrangeManager, ami: Ami): Promise<void> {
  manager.answer = honestly;
  manager.greeting = (socket) => socket.write('Asterisk Call Manager/11.0.0\r\n');
  manager.drop();
  await until('AMI answers', async () => (await ami.listChannels()) !== null, 10_000);
  expect(await ami.look(question)).toMatchObject({ channels: [] });
  expect(await ami.setVariable('1.1', 'A', 'b')).toEqual({ ok: true });
}

test.concurrent(
  `${count} pieces of nonsense of seed ${seed}`,
  async (context) => {
    const { manager, open } = await meet(context);
    const dice = new Dice(seed);
    let said = 0;
    manager.greeting = (socket) => socket.write(nonsense(dice, '1'));
    manager.answer = (action) => {
      said += 1;
      const honest = action.get('action') === 'Login' || dice.happens(0.3);
      const strange = nonsense(dice, action.get('actionid') ?? '');
      return strange + (honest ? `\r\n\r\n${honestly(action)}` : '');
    };
    const ami = open();
    while (said < count) {
      const asked = Array.from({ length: 20 }, () => [
        ami.listChannels(),
        ami.look(question),
        ami.readHolds(),
        ami.setVariable('1', 'A', 'b'),
        ami.redirect('1', 'a', 'b'),
      ]).flat();
      const before = performance.now();
      for (const answer of await Promise.all(asked)) expect(answer).not.toBeUndefined();
      expect(performance.now() - before).toBeLessThan(15_000);
      if (dice.happens(0.2)) manager.drop();
      await until('AMI is connected', () => manager.sockets.some(({ destroyed }) => !destroyed));
    }
    await untilSane(manager, ami);
  },
  60_000 + count * 100,
);

test.concurrent.for([
  ['an event named after what the connection itself tells', 'Event: rawevent\r\n\r\n'],
  ['an event that says twice whose it is', 'Event: UserEvent\r\nUserEvent: a\r\nUserEvent: b\r\n\r\n'],
  ['an event named after an action', 'Event: clearline-1-2\r\n\r\n'],
])('%s', async ([, event], context) => {
  const { manager, open } = await meet(context);
  manager.greeting = (socket) => socket.write(`Asterisk Call Manager/11.0.0\r\n${event}`);
  manager.answer = (action) => event + honestly(action);
  const ami = open();
  await until('AMI answers', async () => (await ami.listChannels()) !== null);
  await untilSane(manager, ami);
});

test.concurrent('a line without end is not kept', async (context) => {
  const { manager, open } = await meet(context);
  let written = 0;
  const chunk = 'x'.repeat(1 << 18);
  manager.greeting = (socket) => {
    const write = (): void => {
      if (socket.destroyed || written > 1 << 27) return;
      written += chunk.length;
      socket.write(chunk, write);
    };
    write();
  };
  const ami = open();
  await until('the adapter hangs up', () => manager.sockets[0]?.destroyed, 10_000);
  expect(written).toBeLessThan(1 << 25);
  await untilSane(manager, ami);
});

test.concurrent('whoever takes the login and never answers is left for another try', async (context) => {
  const { manager, open, troubles } = await meet(context);
  manager.answer = () => null;
  const ami = open();
  await until('the adapter tries again', () => manager.sockets.length > 1, 15_000);
  expect(troubles).toHaveLength(1);
  await untilSane(manager, ami);
});

test.concurrent('whoever falls silent after the login is left for another try', async (context) => {
  const { manager, open } = await meet(context);
  const ami = open();
  await until('AMI answers', async () => (await ami.listChannels()) !== null);
  manager.answer = () => null;
  const met = manager.sockets.length;
  const triesAgain = async () => (await ami.listChannels()) === null && manager.sockets.length > met;
  await until('the adapter tries again', triesAgain, 15_000);
  await untilSane(manager, ami);
});

test.concurrent('a list of which a channel got lost is none', async (context) => {
  const { manager, open } = await meet(context);
  const ami = open();
  await until('AMI answers', async () => (await ami.listChannels()) !== null);
  manager.answer = (action) => honestly(action).replace('ListItems: 0', 'ListItems: 1');
  expect(await ami.listChannels()).toBeNull();
});
