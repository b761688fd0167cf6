import { once } from 'node:events';
import type { TestStack } from '../support/stack.ts';

/**
 * A second listener at Asterisk, beside Clearline's: which channels the dialplan handed to Clearline, and which it told it of.
 * Each of them has to come out as one record.
 */
export class ArrivalWatch {
  /** The channels, in order. */
  readonly handedOver = new Set<string>();
  private readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => this.read(JSON.parse(String(data))));
  }

  static async open({ config, secrets }: TestStack): Promise<ArrivalWatch> {
    const query = new URLSearchParams({ app: 'fuzz', subscribeAll: 'true', api_key: `clearline:${secrets.ari}` });
    const socket = new WebSocket(`ws://127.0.0.1:${config.asterisk.httpPort}/ari/events?${query}`);
    const watch = new ArrivalWatch(socket);
    await once(socket, 'open');
    return watch;
  }

  close(): void {
    this.socket.close();
  }

  private read(event: Seen): void {
    const { type, channel, caller, dialplan_app: app, dialplan_app_data: data = '', eventname } = event;
    const entered = type === 'ChannelDialplan' && app === 'Stasis' && /^clearline,(inbound|outgoing),/.test(data);
    const told = type === 'ChannelUserevent' && eventname === 'ClearlineEmergency';
    if (channel && (entered || told)) this.handedOver.add(channel.id);
    // 999 is dialled before anybody is told of it.
    if (type === 'Dial' && caller?.accountcode.endsWith('/emergency')) this.handedOver.add(caller.id);
  }
}

interface Seen {
  readonly type: string;
  readonly channel?: { readonly id: string };
  readonly caller?: { readonly id: string; readonly accountcode: string };
  readonly dialplan_app?: string;
  readonly dialplan_app_data?: string;
  readonly eventname?: string;
}
