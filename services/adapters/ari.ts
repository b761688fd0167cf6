import { EventEmitter } from 'node:events';
import ariClient, { type Client, type Socket } from 'ari-client';
import type { Witness } from '../core/line-look.ts';
import type { Reply, Telephony } from '../core/ports.ts';
import { AriCommands, type AriSite } from './ari-commands.ts';
import { type ExchangeEvent, heardTypes, readExchangeEvent } from './ari-events.ts';
import { type AriAccount, AriHttp, type BridgeSighting, type ChannelSighting } from './ari-http.ts';
import { ariWitness } from './ari-look.ts';
import { RestOnSocket, type RestReply } from './ari-rest.ts';

/**
 * Asterisk's REST interface, and the sole import of ari-client, which opens the connection, loads the resources and
 * hands on the events. Commands on the call path travel on the same websocket (see ari-rest.ts), so that nothing has to
 * wait for the reply before it; lists go over HTTP.
 */

export interface AriOptions extends AriAccount, AriSite {}

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
  /** Whether a playback, or a recording in the making, is over; null when Asterisk does not say within a second. */
  isOver(what: 'playback' | 'recording', id: string): Promise<boolean | null>;
  /** A new channel that hears what `channel` sends, and says nothing to it. It may be bridged once it has entered. */
  snoop(channel: string, ear: string): Promise<Reply>;
  /** A new channel that sends what it is given to that UDP port as RTP, 16 bits a sample. It may be bridged once it has entered. */
  sendAudio(wire: string, host: string, port: number): Promise<Reply>;
  close(): void;
}

/** A connection that is half open is given up at the second ping: within eight seconds. */
const pingMs = 4_000;

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

class Connection extends AriCommands implements Ari {
  readonly events: Ari['events'] = new EventEmitter();
  private readonly client: Client;
  private readonly rest = new RestOnSocket(() => this.client._ws);
  private readonly http: AriHttp;
  private started = false;
  private closed = false;
  private heartbeat: NodeJS.Timeout | null = null;
  private awaitingPong = false;

  constructor(client: Client, options: AriOptions) {
    super(options);
    this.client = client;
    this.http = new AriHttp(options);
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

  readonly look = ariWitness({
    get: (uri) => this.request('GET', uri),
    listChannels: () => this.listChannels(),
  });

  listChannels(): Promise<readonly ChannelSighting[] | null> {
    return this.http.listChannels();
  }

  listBridges(): Promise<readonly BridgeSighting[] | null> {
    return this.http.listBridges();
  }

  isOver(what: 'playback' | 'recording', id: string): Promise<boolean | null> {
    return this.http.isOver(what, id);
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

  protected request(method: string, uri: string, body?: unknown): Promise<RestReply> {
    return this.rest.request(method, uri, body);
  }
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

function withDeadline<T>(work: Promise<T>, ms: number, why: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(why)), ms);
  });
  return Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}
