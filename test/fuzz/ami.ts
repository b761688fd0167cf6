import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Dice } from '../support/dice.ts';

/** A manager interface that may say anything: honest, or as `answer` tells. */
export class StrangeManager {
  /** What it says to an action; null for nothing. */
  answer: (action: ReadonlyMap<string, string>) => string | null = honestly;
  /** What it says to whoever connects, before they ask. */
  greeting: (socket: Socket) => void = (socket) => socket.write('Asterisk Call Manager/11.0.0\r\n');
  readonly sockets: Socket[] = [];
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
    server.on('connection', (socket) => this.take(socket));
  }

  static async open(): Promise<StrangeManager> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new StrangeManager(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Hangs up on everybody. */
  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.drop();
    this.server.close();
  }

  private take(socket: Socket): void {
    this.sockets.push(socket);
    socket.on('error', () => undefined);
    this.greeting(socket);
    let text = '';
    socket.on('data', (data) => {
      text += String(data);
      const actions = text.split('\r\n\r\n');
      text = actions.pop() ?? '';
      for (const action of actions) {
        const said = this.answer(new Map(action.split('\r\n').map((line) => splitOnce(line))));
        if (said !== null && !socket.destroyed) socket.write(Buffer.from(said, 'latin1'));
      }
    });
  }
}

/** As Asterisk answers where there is no channel, no hold and no variable. */
export function honestly(action: ReadonlyMap<string, string>): string {
  const id = `ActionID: ${action.get('actionid')}\r\n`;
  const done = `Response: Success\r\n${id}`;
  switch (action.get('action')) {
    case 'CoreShowChannels':
      return `${done}EventList: start\r\n\r\nEvent: CoreShowChannelsComplete\r\n${id}EventList: Complete\r\nListItems: 0\r\n\r\n`;
    case 'DBGetTree':
      return `Response: Error\r\n${id}Message: Database entry not found\r\n\r\n`;
    case 'Getvar':
      return `${done}Variable: x\r\nValue: 0\r\n\r\n`;
    default:
      return `${done}\r\n`;
  }
}

const keys = [
  'Response',
  'Event',
  'ActionID',
  'Message',
  'Value',
  'Variable',
  'ChanVariable',
  'UserEvent',
  'Uniqueid',
  'Key',
  'Val',
  '__proto__',
  'constructor',
  '',
];
const values = [
  'Success',
  'Error',
  'Follows',
  'CoreShowChannel',
  'CoreShowChannelsComplete',
  'DBGetTreeResponse',
  'DBGetTreeComplete',
  'close',
  'error',
  'connect',
  'end',
  'response',
  'FullyBooted',
  'UserEvent',
  '',
  '0',
  '-1',
  '\xff\xfe',
  '\0',
  '--END COMMAND--',
  'x'.repeat(5_000),
];

/** What follows no rule: items of the right words in the wrong places, half lines, bytes. */
export function nonsense(dice: Dice, id: string): string {
  const line = () => {
    const key = keys[dice.below(keys.length)];
    const value = dice.happens(0.3) ? id : values[dice.below(values.length)];
    return `${key}${dice.pick([': ', ': ', ': ', ':', ' '])}${value}${dice.pick(['\r\n', '\r\n', '\r\n', '\n', ''])}`;
  };
  const items = Array.from({ length: dice.below(6) }, () => {
    const lines = Array.from({ length: dice.below(8) }, line).join('');
    return lines + dice.pick(['\r\n', '\r\n', '\r\n\r\n', '']);
  });
  const noise = Array.from({ length: dice.below(200) }, () => String.fromCharCode(dice.below(256))).join('');
  return items.join('') + (dice.happens(0.2) ? noise : '');
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf(': ');
  return [line.slice(0, at).toLowerCase(), line.slice(at + 2)];
}
