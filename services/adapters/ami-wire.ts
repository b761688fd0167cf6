import { createConnection, type Socket } from 'node:net';

/**
 * AMI's wire format: items of `Name: value` lines, an empty line after each. Whatever the other end sends, no more of it is
 * kept than one item may have, nothing is thrown, and what is not understood is passed over.
 */

/** One item: its values by their names in lower case. Of a name that comes twice the last is kept. */
export type Fields = Readonly<Partial<Record<string, string>>>;

export interface AmiListener {
  readonly onOpen: () => void;
  readonly onItem: (fields: Fields) => void;
  /** Told once, unless it was closed from this side. */
  readonly onClose: (why: string) => void;
}

/** In characters. Asterisk's own items have a few thousand at the most. */
const longestItem = 1 << 20;
/** What may wait to be sent while the other end does not read, in bytes. */
const mostUnsent = 1 << 20;
const endOfItem = '\r\n\r\n';

export class AmiWire {
  private readonly socket: Socket;
  private readonly listener: AmiListener;
  private unread = '';
  private closed = false;

  constructor(host: string, port: number, listener: AmiListener) {
    this.listener = listener;
    this.socket = createConnection({ host, port, noDelay: true, keepAlive: true }).setEncoding('utf8');
    this.socket.on('connect', () => listener.onOpen());
    this.socket.on('data', (text) => this.read(String(text)));
    this.socket.on('error', (error) => this.fail(error.message));
    this.socket.on('close', () => this.fail('the connection closed'));
  }

  /** Values lose CR and LF, which would start another action. */
  send(action: Readonly<Record<string, string>>): void {
    if (this.closed) return;
    const lines = Object.entries(action).map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, '')}\r\n`);
    this.socket.write(`${lines.join('')}\r\n`);
    if (this.socket.writableLength > mostUnsent) this.fail('nobody reads what is asked');
  }

  close(): void {
    this.closed = true;
    this.socket.destroy();
  }

  private fail(why: string): void {
    if (this.closed) return;
    this.close();
    this.listener.onClose(why);
  }

  private read(text: string): void {
    let begin = 0;
    // What was looked through before is not looked through again.
    let from = Math.max(0, this.unread.length - endOfItem.length + 1);
    this.unread += text;
    for (let end = this.unread.indexOf(endOfItem, from); end >= 0; end = this.unread.indexOf(endOfItem, from)) {
      const item = this.unread.slice(begin, end);
      begin = end + endOfItem.length;
      from = begin;
      this.listener.onItem(fieldsOf(item));
      if (this.closed) return;
    }
    this.unread = this.unread.slice(begin);
    if (this.unread.length > longestItem) this.fail('an item without end');
  }
}

/** Lines without a colon, such as the greeting, say nothing. */
function fieldsOf(item: string): Fields {
  const lines = item.split('\r\n').flatMap((line) => {
    const at = line.indexOf(':');
    return at < 0 ? [] : [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).replace(/^ /, '')] as const];
  });
  return Object.fromEntries(lines);
}
