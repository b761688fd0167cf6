import { EventEmitter } from 'node:events';
import ariClient, { type Client, type Socket } from 'ari-client';
import { z } from 'zod';
import type { Sound } from '../core/call.ts';
import {
  type Glance,
  isQuiet,
  type LineQuestion,
  namesIn,
  seenAtAGlance,
  seenInList,
  type Witness,
} from '../core/line-look.ts';
import type { DialRequest, Reply, Telephony } from '../core/ports.ts';
import { type ExchangeEvent, heardTypes, readExchangeEvent } from './ari-events.ts';
import { RestOnSocket, type RestReply } from './ari-rest.ts';

/**
 * Asterisk's REST interface, and the sole import of ari-client, which opens the connection, loads the resources and
 * hands on the events. Commands on the call path travel on the same websocket (see ari-rest.ts), so that nothing has to
 * wait for the reply before it; lists go over HTTP.
 */

export interface AriOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly application: string;
  /** Folder of the prompts, as Asterisk sees it. */
  readonly soundsFolder: string;
}

/** A channel, and what it does in the dialplan: the application it is in, and what that was given. */
export interface ChannelSighting {
  readonly id: string;
  readonly name: string;
  /** What its leg is marked with: the line's id. */
  readonly line: string;
  readonly context: string;
  readonly extension: string;
  readonly application: string;
  readonly given: string;
}

export interface BridgeSighting {
  readonly id: string;
  readonly channels: readonly string[];
}

/** Telephony but for variables, which AMI sets: see `setVariable` in ami.ts. */
export interface Ari extends Omit<Telephony, 'setVariable'> {
  readonly events: EventEmitter<{
    event: [ExchangeEvent];
    /** The websocket is up again after it was lost: hang-ups may have been missed. */
    reconnected: [];
    lost: [string];
    /** This connection will not come back by itself. */
    dead: [string];
    malformed: [string];
    /** A listener threw at an event. */
    unheard: [unknown];
  }>;
  /** Every channel Asterisk has; null when it does not answer within a second. */
  listChannels(): Promise<readonly ChannelSighting[] | null>;
  /** What Asterisk's own books, asked afresh over ARI, say of a line. */
  readonly look: Witness;
  /** Every bridge and who is in it; null when Asterisk does not answer within a second. */
  listBridges(): Promise<readonly BridgeSighting[] | null>;
  /** A new channel that hears what `channel` sends, and says nothing to it. It may be bridged once it has entered. */
  snoop(channel: string, ear: string): Promise<Reply>;
  /** A new channel that sends what it is given to that UDP port as RTP, 16 bits a sample. It may be bridged once it has entered. */
  sendAudio(wire: string, host: string, port: number): Promise<Reply>;
  close(): void;
}

const listMs = 1_000;
const pingMs = 5_000;

const endpointReply = z.object({ channel_ids: z.array(z.string()) });
const variableReply = z.object({ value: z.string() });
const countReply = z.object({ value: z.string().regex(/^\d+$/) });

/** WebSocket.OPEN, as the browsers' standard numbers it. */
const openState = 1;

/** Connects, subscribes to the events of all channels, and narrows them to the types Clearline reads. */
export async function connectAri(options: AriOptions): Promise<Ari> {
  const why = `ARI at ${options.url} did not answer within 5 s`;
  const client = await quietly(() =>
    withDeadline(ariClient.connect(options.url, options.user, options.password), 5_000, why),
  );
  const connection = new Connection(client, options);
  await connection.start();
  return connection;
}

class Connection implements Ari {
  readonly events: Ari['events'] = new EventEmitter();
  private readonly client: Client;
  private readonly options: AriOptions;
  private readonly rest = new RestOnSocket(() => this.client._ws);
  private started = false;
  private closed = false;
  private heartbeat: NodeJS.Timeout | null = null;
  private awaitingPong = false;

  constructor(client: Client, options: AriOptions) {
    this.client = client;
    this.options = options;
  }

  async start(): Promise<void> {
    const { client, options } = this;
    client.on('pong', () => {
      this.awaitingPong = false;
    });
    client.on('WebSocketConnected', () => this.adoptSocket(client._ws));
    client.on('WebSocketReconnecting', () => this.rest.drop('the websocket was lost'));
    client.on('WebSocketMaxRetries', () => this.events.emit('dead', 'Asterisk did not come back'));
    await withDeadline(client.start([options.application], true), 5_000, 'the ARI websocket did not open within 5 s');
    await this.request('PUT', `/applications/${options.application}/eventFilter`, {
      allowed: heardTypes.map((type) => ({ type })),
    });
    this.started = true;
    this.heartbeat = setInterval(() => this.ping(), pingMs);
  }

  close(): void {
    this.closed = true;
    if (this.heartbeat) clearInterval(this.heartbeat);
    this.client.stop();
    this.rest.drop('the connection was closed');
  }

  async answer(channel: string): Promise<Reply> {
    const reply = await this.command('POST', `/channels/${id(channel)}/answer`);
    if (reply.ok || !reply.why.startsWith('500 ')) return reply;
    // Asterisk's word for a caller who cancelled at that moment. Should the leg live all the same, it is not left behind.
    void this.hangUp(channel, 16);
    return { ...reply, gone: true };
  }

  alert(channel: string): Promise<Reply> {
    return this.command('POST', `/channels/${id(channel)}/ring`);
  }

  play(channel: string, playback: string, sounds: readonly Sound[]): Promise<Reply> {
    const media = sounds.map((sound) => this.mediaOf(sound)).join(',');
    return this.command('POST', `/channels/${id(channel)}/play/${id(playback)}?${query({ media })}`);
  }

  stopPlaying(playback: string): Promise<Reply> {
    return this.command('DELETE', `/playbacks/${id(playback)}`);
  }

  record(channel: string, recording: string, maxSeconds: number, silenceSeconds: number): Promise<Reply> {
    const options = {
      name: recording,
      format: 'wav',
      maxDurationSeconds: maxSeconds,
      maxSilenceSeconds: silenceSeconds,
      ifExists: 'overwrite',
      terminateOn: '#',
    };
    return this.command('POST', `/channels/${id(channel)}/record?${query(options)}`);
  }

  recordBridge(bridge: string, recording: string): Promise<Reply> {
    const options = { name: recording, format: 'wav', ifExists: 'overwrite' };
    return this.command('POST', `/bridges/${id(bridge)}/record?${query(options)}`);
  }

  dial(request: DialRequest): Promise<Reply> {
    const options = {
      endpoint: request.endpoint,
      app: this.options.application,
      appArgs: `leg,${request.call},${request.leg}`,
      callerId: callerId(request.showName, request.showNumber),
      timeout: request.seconds,
      ...(request.originator === null ? {} : { originator: request.originator }),
    };
    // By which AMI counts the telephone's legs: see lookAt in ami.ts.
    const variables = { 'GROUP(clearline-rung)': request.endpoint.replace(/^PJSIP\//, '') };
    return this.command('POST', `/channels/${id(request.channel)}?${query(options)}`, { variables });
  }

  async connect(bridge: string, channels: readonly string[], watchKeys: boolean): Promise<Reply> {
    // Without dtmf_events Asterisk bridges RTP natively and no digit of a bridged channel is ever reported.
    const type = watchKeys ? 'mixing,dtmf_events' : 'mixing';
    const [created, added] = await Promise.all([
      this.command('POST', `/bridges/${id(bridge)}?${query({ type })}`),
      this.command('POST', `/bridges/${id(bridge)}/addChannel?${query({ channel: channels.join(',') })}`),
    ]);
    return created.ok ? goneWhereUnknown(added) : created;
  }

  removeBridge(bridge: string, first?: string): Promise<Reply> {
    // Its channels leave a bridge only after its end was confirmed. What is played to one of them meanwhile is never heard, and
    // Asterisk does nothing else with that channel for ten minutes. This request is answered when the channel is out.
    if (first !== undefined)
      void this.command('POST', `/bridges/${id(bridge)}/removeChannel?${query({ channel: first })}`);
    return this.command('DELETE', `/bridges/${id(bridge)}`);
  }

  hangUp(channel: string, cause: number): Promise<Reply> {
    return this.command('DELETE', `/channels/${id(channel)}?${query({ reason_code: cause })}`);
  }

  continueInDialplan(channel: string, context: string, extension: string): Promise<Reply> {
    return this.command('POST', `/channels/${id(channel)}/continue?${query({ context, extension, priority: 1 })}`);
  }

  snoop(channel: string, ear: string): Promise<Reply> {
    const options = { spy: 'in', app: this.options.application };
    return this.command('POST', `/channels/${id(channel)}/snoop/${id(ear)}?${query(options)}`);
  }

  sendAudio(wire: string, host: string, port: number): Promise<Reply> {
    const options = {
      channelId: wire,
      app: this.options.application,
      external_host: `${host}:${port}`,
      // What a snoop channel gives: G.711 would have to be made of it, for a tenth of a per cent of a core a call.
      format: 'slin',
    };
    return this.command('POST', `/channels/externalMedia?${query(options)}`);
  }

  async listChannels(): Promise<readonly ChannelSighting[] | null> {
    const channels = await answeredInTime(this.client.channels.list());
    return (
      channels?.map(({ id: channel, name, accountcode, dialplan }) => ({
        id: channel,
        name,
        line: accountcode,
        context: dialplan?.context ?? '',
        extension: dialplan?.exten ?? '',
        application: dialplan?.app_name ?? '',
        given: dialplan?.app_data ?? '',
      })) ?? null
    );
  }

  readonly look: Witness = (question) => {
    const at = Date.now();
    const begun = performance.now();
    const seen = this.lookAt(question);
    const told = seen.then(
      (what) => what && { at, tookMs: Math.round((performance.now() - begun) * 10) / 10, ...what },
    );
    return answeredInTime(told);
  };

  private async lookAt(question: LineQuestion) {
    const { line, channel, own } = question;
    // Asterisk counts a group for a channel only: without one the answer would be empty, whoever is on the line.
    if (channel === null) return this.lookThroughAll(question, { telephone: [], callers: 0, peers: [] });
    // Asterisk finds a channel by its name at once, and by its id after all the others.
    const variable = (variable: string) =>
      this.request('GET', `/channels/${id(own.get(channel) ?? channel)}/variable?${query({ variable })}`);
    const [telephone, callers, peer] = await Promise.all([
      this.request('GET', `/endpoints/PJSIP/${id(line)}`),
      variable(`GROUP_COUNT(${line}@clearline-in)`),
      variable('BRIDGEPEER'),
    ]);
    // 404 of the peer alone: it is connected to nobody.
    if (telephone.status !== 200 || callers.status !== 200 || ![200, 404].includes(peer.status)) return null;
    const glance = {
      telephone: endpointReply.parse(JSON.parse(telephone.body)).channel_ids,
      callers: Number(countReply.parse(JSON.parse(callers.body)).value),
      peers: peer.status === 200 ? namesIn(variableReply.parse(JSON.parse(peer.body)).value, ',') : [],
    };
    return isQuiet(glance, question) ? seenAtAGlance(glance, question) : this.lookThroughAll(question, glance);
  }

  private async lookThroughAll(question: LineQuestion, glance: Glance) {
    const channels = await this.listChannels();
    return channels && seenInList(channels, glance, question);
  }

  async listBridges(): Promise<readonly BridgeSighting[] | null> {
    const bridges = await answeredInTime(this.client.bridges.list());
    return bridges?.map(({ id: bridge, channels }) => ({ id: bridge, channels })) ?? null;
  }

  /**
   * Reads the socket's messages in place of ari-client, which builds an object of every resource in each event (more than
   * half of the time from an arrival to the ring) and throws on a type it has no model for, leaving the socket deaf.
   */
  private adoptSocket(socket: Socket): void {
    socket.removeAllListeners('message');
    socket.on('message', (data: unknown) => {
      let event: ExchangeEvent | null;
      try {
        event = this.read(JSON.parse(String(data)));
      } catch (error) {
        this.events.emit('malformed', error instanceof Error ? error.message : String(error));
        return;
      }
      this.tell(event);
    });
    socket.on('close', () => {
      this.rest.drop('the websocket was lost');
      if (!this.closed) this.events.emit('lost', 'the ARI websocket closed');
    });
    this.awaitingPong = false;
    if (this.started) this.events.emit('reconnected');
  }

  /** Null for the reply to a command, and for what Clearline does not read. */
  private read(message: unknown): ExchangeEvent | null {
    return this.rest.settle(message) ? null : readExchangeEvent(message);
  }

  private tell(event: ExchangeEvent | null): void {
    try {
      if (event !== null) this.events.emit('event', event);
    } catch (error) {
      this.events.emit('unheard', error);
    }
  }

  private ping(): void {
    // A socket whose opening nobody answers is as good as one without a pong, and ws throws at a ping on it.
    if (this.awaitingPong || this.client._ws.readyState !== openState) {
      this.awaitingPong = false;
      this.client._ws.terminate();
      return;
    }
    this.awaitingPong = true;
    this.client.ping();
  }

  private async command(method: string, uri: string, given?: unknown): Promise<Reply> {
    const { status, body } = await this.request(method, uri, given);
    if (status >= 200 && status < 300) return { ok: true };
    // 404: no such channel, playback or bridge any more; a DELETE of it has thereby succeeded.
    return { ok: false, gone: status === 404, why: status === 0 ? body : `${status} ${body}` };
  }

  private request(method: string, uri: string, body?: unknown): Promise<RestReply> {
    return this.rest.request(method, uri, body);
  }

  private mediaOf(sound: Sound): string {
    if ('prompt' in sound) return `sound:${this.options.soundsFolder}/${sound.prompt}`;
    if ('digit' in sound) return `sound:${this.options.soundsFolder}/digit-${sound.digit}`;
    if ('recording' in sound) return `recording:${sound.recording}`;
    return 'tone:ring;tonezone=uk';
  }
}

/** Asterisk says 400 for a channel it no longer has, and 422 for one that is just leaving; their hang-up follows. */
function goneWhereUnknown(reply: Reply): Reply {
  return !reply.ok && /^4(00|22) /.test(reply.why) ? { ...reply, gone: true } : reply;
}

/**
 * `"Name" <number>`; whatever could end the quotes or inject a header is left out. Without a number of its own the new
 * channel would show what Asterisk read in the caller's INVITE, and nothing of ours where that was withheld.
 */
function callerId(name: string, number: string | null): string {
  const shown = name.replace(/["\\<>\r\n]/g, '');
  return `"${shown}" <${(number ?? 'anonymous').replace(/[^0-9A-Za-z+*#]/g, '')}>`;
}

function id(text: string): string {
  return encodeURIComponent(text);
}

function query(values: Record<string, string | number | boolean>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
}

/** ari-client's loader prints a notice about the age of Asterisk's API description, which nobody who reads it can change. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { log } = console;
  console.log = () => {};
  try {
    return await work();
  } finally {
    console.log = log;
  }
}

/** ari-client leaves the promise of a refused or unanswered request open for ever. */
function answeredInTime<T>(list: Promise<T>): Promise<T | null> {
  return withDeadline(list, listMs, 'no answer').catch(() => null);
}

function withDeadline<T>(work: Promise<T>, ms: number, why: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(why)), ms);
  });
  return Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}
