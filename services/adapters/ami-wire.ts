import AsteriskManager, { type Manager } from 'asterisk-manager';

/**
 * One connection to AMI, and the sole import of asterisk-manager, which opens it, logs in, and writes the actions. What comes
 * back is read here, as items of `Name: value` lines with an empty line after each: the library's own reader keeps a line
 * without end for ever, throws at an event with two `UserEvent` lines, and spins at one that is named `rawevent`. Whatever the
 * other end sends, no more of it is kept than one item may have, nothing is thrown, and what is not understood is passed over.
 */

/** One item: its values by their names in lower case. Of a name that comes twice the last is kept. */
export type Fields = Readonly<Partial<Record<string, string>>>;

export interface AmiListener {
  /** Logged in. */
  readonly onReady: () => void;
  /** An item that is no answer to the login. */
  readonly onItem: (fields: Fields) => void;
  /** Told once, unless it was closed from this side. */
  readonly onClose: (why: string) => void;
}

/** In characters. Asterisk's own items have a few thousand at the most. */
const longestItem = 1 << 20;
/** A manager that says nothing at all for so long, though asked, is no witness any more, and what it is asked would fill the memory. */
const silenceMs = 5_000;
const loginMs = 5_000;
const readBytes = 1 << 16;
const endOfItem = '\r\n\r\n';

export class AmiWire {
  private readonly manager: Manager = new AsteriskManager();
  private readonly listener: AmiListener;
  private readonly events: string;
  private readonly socketLife = new AbortController();
  private readonly decoder = new TextDecoder();
  private readonly loginTimer: NodeJS.Timeout;
  private unread = '';
  private readonly asked = new Set<string>();
  private isLoggedIn = false;
  /** When the first action was sent that nothing was read since; on the clock of `performance.now()`. */
  private silentSince: number | null = null;
  private closed = false;

  /** `events` are the classes of events to be told of, such as `security`; none by default. */
  constructor(
    account: { host: string; port: number; user: string; password: string; events?: string },
    listener: AmiListener,
  ) {
    const { host, port, user, password, events = 'off' } = account;
    this.listener = listener;
    this.events = events;
    this.manager.options.username = user;
    this.manager.options.password = password;
    this.manager.on('error', (error) => this.fail(error.message));
    this.manager.on('close', () => this.fail('the connection closed'));
    this.loginTimer = setTimeout(() => this.fail('nobody answers the login'), loginMs);
    const take = (bytes: number, buffer: Uint8Array) => {
      this.read(this.decoder.decode(buffer.subarray(0, bytes), { stream: true }));
      return true;
    };
    // With `onread` nothing reaches the library's reader. The signal ends a socket whose other end reads no more.
    const onread = { buffer: new Uint8Array(readBytes), callback: take };
    this.manager.connect({ host, port, onread, signal: this.socketLife.signal }, undefined, () =>
      this.manager.login((error) => this.loggedIn(error)),
    );
  }

  /** Sends an action with its own `actionid`. Values lose CR and LF, which would start another. */
  send(action: Readonly<Record<string, string>>): void {
    if (this.closed) return;
    const clean = Object.entries(action).map(([name, value]) => [name, value.replace(/[\r\n]/g, '')]);
    this.asked.add(this.manager.action(Object.fromEntries(clean), () => {}));
    this.silentSince ??= performance.now();
    if (performance.now() - this.silentSince > silenceMs) this.fail('nobody answers');
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.loginTimer);
    this.manager.disconnect();
    this.socketLife.abort();
  }

  private loggedIn(error: unknown): void {
    clearTimeout(this.loginTimer);
    if (this.closed) return;
    if (error) return this.fail('the login was refused');
    this.isLoggedIn = true;
    // The login's own header for this is misspelt in the library.
    this.manager.action({ action: 'Events', eventmask: this.events }, () => {});
    this.listener.onReady();
  }

  private fail(why: string): void {
    if (this.closed) return;
    this.close();
    this.listener.onClose(why);
  }

  private read(text: string): void {
    this.silentSince = null;
    let begin = 0;
    // What was looked through before is not looked through again.
    let from = Math.max(0, this.unread.length - endOfItem.length + 1);
    this.unread += text;
    for (let end = this.unread.indexOf(endOfItem, from); end >= 0; end = this.unread.indexOf(endOfItem, from)) {
      const item = this.unread.slice(begin, end);
      begin = end + endOfItem.length;
      from = begin;
      this.take(fieldsOf(item));
      if (this.closed) return;
    }
    this.unread = this.unread.slice(begin);
    if (this.unread.length > longestItem) this.fail('an item without end');
  }

  /**
   * The library takes the answers to what was asked, and nothing else: it tells each as an event named after the action's id,
   * which might be `error`. That of the login is the time in milliseconds.
   */
  private take(fields: Fields): void {
    const { response, actionid = '' } = fields;
    const isAnswer = this.asked.has(actionid) || (!this.isLoggedIn && /^\d+$/.test(actionid));
    if (response !== undefined && isAnswer) this.manager.emit('rawevent', { response, actionid });
    this.listener.onItem(fields);
  }

  /** The answer to an action is awaited no more: the library would listen for it as long as the connection lives. */
  forget(actionId: string): void {
    this.asked.delete(actionId);
    this.manager.removeAllListeners(actionId);
  }
}

/** Lines without a colon, such as the greeting, say nothing. `repeated` is a name that comes twice, of which the last counts. */
function fieldsOf(item: string): Fields {
  const fields = new Map<string, string>();
  for (const line of item.split('\r\n')) {
    const at = line.indexOf(':');
    if (at < 0) continue;
    const name = line.slice(0, at).trim().toLowerCase();
    if (fields.has(name)) fields.set('repeated', name);
    fields.set(name, line.slice(at + 1).replace(/^ /, ''));
  }
  return Object.fromEntries(fields);
}
