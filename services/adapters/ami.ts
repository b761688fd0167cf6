import AsteriskManager, { type Fields, type Manager } from 'asterisk-manager';
import type { ChannelRow, Witness } from '../core/line-look.ts';
import type { Reply } from '../core/ports.ts';
import { AstDbHolds, type KeptHolds } from './ami-holds.ts';
import { amiWitness } from './ami-look.ts';

/**
 * Asterisk's manager interface, and the sole import of asterisk-manager: the second witness of which channels exist, and
 * the way to AstDB and to a reload, which ARI does not offer.
 */

export interface AmiOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface Ami {
  /** Unique ids of every channel, from a fresh list; null when AMI does not answer within a second. */
  listChannels(): Promise<readonly string[] | null>;
  /** Resolves when the connection is logged in; for a command that has nothing better to do than wait. */
  whenReady(): Promise<void>;
  /** Every channel of a line, from a fresh list; null when AMI does not answer within a second. */
  listChannelsOf(line: string): Promise<readonly ChannelRow[] | null>;
  /** What Asterisk's own books, asked afresh over AMI, say of a line. */
  readonly look: Witness;
  /** What AstDB says about every line; null when AMI does not answer within a second. */
  readHolds(): Promise<KeptHolds | null>;
  /**
   * Sets a channel's variable. ARI could, but has the channel's own thread do it. That thread may from then on call no
   * dangerous function (Asterisk 22.10), so the dialplan's hangup handler could not write the line's hold into AstDB; and
   * while something plays on the channel, the request and every one behind it on the socket wait for its end.
   */
  setVariable(channel: string, name: string, value: string): Promise<Reply>;
  /**
   * Pulls a channel out of Stasis, at once, into a context's extension: the way to a channel when ARI does not answer. A
   * channel that the dialplan has already, such as one that speaks with 999, is left alone and counts as gone.
   */
  redirect(channel: string, context: string, extension: string): Promise<Reply>;
  /** Writes a line's hold into AstDB, in epoch seconds, over any other: read first. */
  putHold(line: string, untilSeconds: number): Promise<Reply>;
  /** Takes a line's hold out of AstDB, with who left it; not that of a trunk, which other lines share. It need not be there. */
  removeHold(line: string): Promise<Reply>;
  /** Has Asterisk read the generated files of these modules anew, in this order. False when one did not answer. */
  reload(modules: readonly string[]): Promise<boolean>;
  close(): void;
}

const answerMs = 1_000;
const reloadMs = 10_000;
const retryMs = 1_000;

/**
 * Keeps one connection to AMI for as long as the process lives, made anew each time it drops: the library's own
 * reconnection waits ten seconds, and its failed logins are silent. Resolves at once; until the login, every answer is null.
 */
export function openAmi(options: AmiOptions, onTrouble: (why: string) => void): Ami {
  return new AmiConnection(options, onTrouble);
}

class AmiConnection implements Ami {
  private readonly options: AmiOptions;
  private readonly onTrouble: (why: string) => void;
  private manager: Manager | null = null;
  private ready = false;
  private closed = false;
  private retry: NodeJS.Timeout | null = null;
  private actions = 0;
  private troubled = false;
  private waiting: (() => void)[] = [];
  private readonly holds = new AstDbHolds({
    list: (family) => this.list({ action: 'DBGetTree', family }, 'dbgettreeresponse', 'dbgettreecomplete'),
    command: (action) => this.command(action),
  });

  constructor(options: AmiOptions, onTrouble: (why: string) => void) {
    this.options = options;
    this.onTrouble = onTrouble;
    this.connect();
  }

  async listChannels(): Promise<readonly string[] | null> {
    return (await this.channels())?.map((row) => String(row.uniqueid)) ?? null;
  }

  whenReady(): Promise<void> {
    return this.ready ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }

  async listChannelsOf(line: string): Promise<readonly ChannelRow[] | null> {
    return (await this.channelRows())?.filter((row) => row.line === line) ?? null;
  }

  readonly look = amiWitness({
    variable: (name, channel) => this.variable(name, channel),
    listChannels: () => this.channelRows(),
  });

  private async channelRows(): Promise<ChannelRow[] | null> {
    const rows = await this.channels();
    return (
      rows?.map(({ uniqueid, channel: name, accountcode }) => ({
        id: String(uniqueid),
        name: String(name),
        line: String(accountcode),
      })) ?? null
    );
  }

  /** Null when AMI does not answer, or has no such channel. */
  private async variable(variable: string, channel?: string): Promise<string | null> {
    if (!this.ready) return null;
    const answer = await this.act({ action: 'Getvar', variable, ...(channel !== undefined && { channel }) });
    return answer?.response === 'Success' ? String(answer.value ?? '') : null;
  }

  readHolds(): Promise<KeptHolds | null> {
    return this.holds.read();
  }

  putHold(line: string, untilSeconds: number): Promise<Reply> {
    return this.holds.put(line, untilSeconds);
  }

  removeHold(line: string): Promise<Reply> {
    return this.holds.remove(line);
  }

  setVariable(channel: string, variable: string, value: string): Promise<Reply> {
    return this.command({ action: 'Setvar', channel, variable, value });
  }

  async redirect(channel: string, context: string, extension: string): Promise<Reply> {
    const channels = await this.channels();
    if (channels === null) return { ok: false, gone: false, why: 'AMI does not list its channels' };
    const isInStasis = channels.some(({ uniqueid, application }) => uniqueid === channel && application === 'Stasis');
    if (!isInStasis) return { ok: false, gone: true, why: 'No such channel in Stasis' };
    return this.command({ action: 'Redirect', channel, context, exten: extension, priority: '1' });
  }

  async reload(modules: readonly string[]): Promise<boolean> {
    for (const module of modules) {
      const done = await this.act({ action: 'Reload', module }, reloadMs);
      if (done === null || done.response !== 'Success') return false;
    }
    return true;
  }

  close(): void {
    this.closed = true;
    if (this.retry) clearTimeout(this.retry);
    this.manager?.disconnect();
  }

  private connect(): void {
    const manager = new AsteriskManager();
    this.manager = manager;
    this.ready = false;
    manager.options.username = this.options.user;
    manager.options.password = this.options.password;
    manager.on('close', () => this.reconnect(manager, 'the connection closed'));
    manager.connect(this.options.port, this.options.host, () => {
      manager.login((error) => {
        if (error) return this.reconnect(manager, 'the login was refused');
        // The login's own header for this is misspelt in the library, and every event would be parsed for nothing.
        this.act({ action: 'Events', eventmask: 'off' }).then((answer) => {
          if (answer === null) return this.reconnect(manager, 'no answer after the login');
          this.ready = true;
          for (const resolve of this.waiting.splice(0)) resolve();
          this.troubled = false;
        });
      });
    });
  }

  private reconnect(manager: Manager, why: string): void {
    if (this.closed || manager !== this.manager) return;
    this.manager = null;
    this.ready = false;
    manager.disconnect();
    if (!this.troubled) this.onTrouble(why);
    this.troubled = true;
    this.retry = setTimeout(() => this.connect(), retryMs);
  }

  private channels(): Promise<Fields[] | null> {
    return this.list({ action: 'CoreShowChannels' }, 'coreshowchannel', 'coreshowchannelscomplete');
  }

  private async command(action: Record<string, string>): Promise<Reply> {
    if (!this.ready) return { ok: false, gone: false, why: 'AMI is not connected' };
    const answer = await this.act(action);
    if (answer === null) return { ok: false, gone: false, why: `AMI: no answer within ${answerMs} ms` };
    if (answer.response === 'Success') return { ok: true };
    const why = String(answer.message);
    return { ok: false, gone: why === 'No such channel', why };
  }

  /** A list action answers with its header alone: the rows follow as events with its ActionID, up to the last one. */
  private list(action: Record<string, string>, row: string, complete: string): Promise<Fields[] | null> {
    const { manager } = this;
    if (manager === null || !this.ready) return Promise.resolve(null);
    const actionid = this.nextId();
    const rows: Fields[] = [];
    return new Promise((resolve) => {
      const collect = (fields: Fields) => {
        if (fields.actionid === actionid) rows.push(fields);
      };
      const finish = (fields: Fields) => {
        if (fields.actionid === actionid) settle(rows);
      };
      const settle = (answer: Fields[] | null) => {
        clearTimeout(timer);
        manager.removeListener(row, collect);
        manager.removeListener(complete, finish);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(null), answerMs);
      manager.on(row, collect);
      manager.on(complete, finish);
      this.act({ ...action, actionid }).then((header) => {
        // DBGetTree calls an empty tree an error.
        if (header?.response === 'Error') settle(action.action === 'DBGetTree' ? [] : null);
      });
    });
  }

  /** Null when no answer came in time. Values lose CR and LF, which would start another action. */
  private act(action: Record<string, string>, withinMs = answerMs): Promise<Fields | null> {
    const { manager } = this;
    if (manager === null) return Promise.resolve(null);
    const clean = Object.entries(action).map(([name, value]) => [name, value.replace(/[\r\n]/g, '')]);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), withinMs);
      manager.action({ actionid: this.nextId(), ...Object.fromEntries(clean) }, (_, fields) => {
        clearTimeout(timer);
        resolve(fields);
      });
    });
  }

  private nextId(): string {
    this.actions += 1;
    return `clearline-${process.pid}-${this.actions}`;
  }
}
