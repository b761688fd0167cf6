import { randomBytes } from 'node:crypto';
import type { ChannelRow, Witness } from '../core/line-look.ts';
import type { Reply } from '../core/ports.ts';
import { AstDbBans, type BanShelf } from './ami-bans.ts';
import { astDbEnded, type EndedNotes } from './ami-ended.ts';
import { AstDbHolds, type KeptHolds } from './ami-holds.ts';
import { amiWitness } from './ami-look.ts';
import { AmiWire, type Fields } from './ami-wire.ts';

/**
 * Asterisk's manager interface: the second witness of which channels exist, and the way to AstDB and to a reload, which ARI
 * does not offer.
 */

export interface AmiOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface Ami {
  /** Whether the connection is logged in now. */
  isUp(): boolean;
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
  /** Who was shut out for guessing passwords, and whose telephones are registered. */
  readonly bans: BanShelf;
  /** The notes that the dialplan left of ended calls. */
  readonly ended: EndedNotes;
  /** A global variable of the dialplan; empty where there is none of that name, null when AMI does not answer within a second. */
  readGlobal(name: string): Promise<string | null>;
  /** Sets one: the dialplan's next step knows it. */
  setGlobal(name: string, value: string): Promise<Reply>;
  /** Has Asterisk read the generated files of these modules anew, in this order. False when one did not answer. */
  reload(modules: readonly string[]): Promise<boolean>;
  close(): void;
}

const answerMs = 1_000;
const reloadMs = 10_000;
const retryMs = 1_000;

/**
 * Keeps one connection to AMI for as long as the process lives, made anew each time it drops or nobody answers the login.
 * Resolves at once; until the login, every answer is null.
 */
export function openAmi(options: AmiOptions, onTrouble: (why: string) => void): Ami {
  return new AmiConnection(options, onTrouble);
}

class AmiConnection implements Ami {
  private readonly options: AmiOptions;
  private readonly onTrouble: (why: string) => void;
  private wire: AmiWire | null = null;
  /** By ActionID. */
  private readonly asked = new Map<string, (fields: Fields) => void>();
  private ready = false;
  private closed = false;
  private retry: NodeJS.Timeout | null = null;
  private actions = 0;
  /** Whoever can write a line into an answer must not be able to write one that seems to be the answer to something else. */
  private readonly secret = randomBytes(8).toString('hex');
  private troubled = false;
  private waiting: (() => void)[] = [];
  private readonly holds = new AstDbHolds({
    list: (family) => this.list({ action: 'DBGetTree', family }, 'dbgettreeresponse', 'dbgettreecomplete'),
    command: (action) => this.command(action),
  });
  readonly ended = astDbEnded({
    list: (family, key) => this.list({ action: 'DBGetTree', family, key }, 'dbgettreeresponse', 'dbgettreecomplete'),
    command: (action) => this.command(action),
  });

  readonly bans = new AstDbBans({
    list: (action, row, complete) => this.list(action, row, complete),
    command: (action) => this.command(action),
  });

  constructor(options: AmiOptions, onTrouble: (why: string) => void) {
    this.options = options;
    this.onTrouble = onTrouble;
    this.connect();
  }

  isUp(): boolean {
    return this.ready;
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

  readGlobal(name: string): Promise<string | null> {
    return this.variable(name);
  }

  setGlobal(variable: string, value: string): Promise<Reply> {
    return this.command({ action: 'Setvar', variable, value });
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
    this.wire?.close();
  }

  private connect(): void {
    const wire = new AmiWire(this.options, {
      onReady: () => this.begin(),
      // What bears no ActionID of ours answers nothing that is still asked.
      onItem: (fields) => this.asked.get(fields.actionid ?? '')?.(fields),
      onClose: (why) => this.reconnect(wire, why),
    });
    this.wire = wire;
    this.ready = false;
  }

  private begin(): void {
    this.ready = true;
    for (const resolve of this.waiting.splice(0)) resolve();
    this.troubled = false;
  }

  private reconnect(wire: AmiWire, why: string): void {
    if (this.closed || wire !== this.wire) return;
    this.wire = null;
    this.ready = false;
    wire.close();
    if (!this.troubled) this.onTrouble(why);
    this.troubled = true;
    this.retry = setTimeout(() => this.connect(), retryMs);
  }

  private async channels(): Promise<Fields[] | null> {
    const rows = await this.list({ action: 'CoreShowChannels' }, 'coreshowchannel', 'coreshowchannelscomplete');
    return rows?.every(isWhole) ? rows : null;
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
    if (!this.ready) return Promise.resolve(null);
    const rows: Fields[] = [];
    return this.ask(action, answerMs, (fields, settle) => {
      const event = fields.event?.toLowerCase();
      if (event === row) rows.push(fields);
      // A row that got lost might be the one that matters.
      if (event === complete) settle(Number(fields.listitems) === rows.length ? rows : null);
      // DBGetTree calls an empty tree an error, and so does PJSIPShowContacts where there are none.
      const isEmpty = action.action === 'DBGetTree' || fields.message?.startsWith('No Contacts found');
      if (fields.response === 'Error') settle(isEmpty ? [] : null);
    });
  }

  /** Null when no answer came in time. */
  private act(action: Record<string, string>, withinMs = answerMs): Promise<Fields | null> {
    return this.ask(action, withinMs, (fields, settle) => {
      if (fields.response !== undefined) settle(fields);
    });
  }

  /** Sends an action; `hear` is told of each item that bears its id until it settles the answer. Null when it does not in time. */
  private ask<T>(
    action: Record<string, string>,
    withinMs: number,
    hear: (fields: Fields, settle: (answer: T | null) => void) => void,
  ): Promise<T | null> {
    const { wire } = this;
    if (wire === null) return Promise.resolve(null);
    const actionid = this.nextId();
    return new Promise((resolve) => {
      const settle = (answer: T | null) => {
        clearTimeout(timer);
        this.asked.delete(actionid);
        wire.forget(actionid);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(null), withinMs);
      this.asked.set(actionid, (fields) => hear(fields, settle));
      wire.send({ ...action, actionid });
    });
  }

  private nextId(): string {
    this.actions += 1;
    return `clearline-${this.secret}-${this.actions}`;
  }
}

/**
 * Asterisk writes callers' numbers into its lists as they came, line ends too. Such a row is cut short, or says something twice, and might hide
 * that its channel is there. The bridge is the last of a row.
 */
function isWhole({ bridgeid, repeated }: Fields): boolean {
  return bridgeid !== undefined && repeated === undefined;
}
