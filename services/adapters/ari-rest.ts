/**
 * ARI's REST as frames on its websocket: half of Node's CPU a call beside HTTP, and served one at a time in the order they
 * were sent. Lists have to go over HTTP: a reply of several hundred kilobytes is more than Asterisk 22 survives.
 */

/** What is needed of a websocket. */
interface Socket {
  send(data: string, done: (error?: Error) => void): void;
}

export interface RestReply {
  /** HTTP status; 0 when nothing came back. */
  readonly status: number;
  readonly body: string;
}

interface Pending {
  readonly settle: (reply: RestReply) => void;
  readonly timer: NodeJS.Timeout;
}

/** A command that got no answer in this time is reported as unanswered. */
const commandMs = 2_000;

export class RestOnSocket {
  private readonly socket: () => Socket;
  private readonly pending = new Map<string, Pending>();
  private requests = 0;

  /** `socket` gives the one that is open now: it is replaced at each reconnection. */
  constructor(socket: () => Socket) {
    this.socket = socket;
  }

  request(method: string, uri: string, body?: unknown): Promise<RestReply> {
    this.requests += 1;
    const request_id = String(this.requests);
    return new Promise((resolve) => {
      const settle = (reply: RestReply) => {
        clearTimeout(timer);
        this.pending.delete(request_id);
        resolve(reply);
      };
      const timer = setTimeout(() => settle({ status: 0, body: `no reply within ${commandMs} ms` }), commandMs);
      this.pending.set(request_id, { settle, timer });
      const content =
        body === undefined ? {} : { content_type: 'application/json', message_body: JSON.stringify(body) };
      const frame = JSON.stringify({ type: 'RESTRequest', request_id, method, uri: uri.slice(1), ...content });
      try {
        this.socket().send(frame, (error) => {
          if (error) settle({ status: 0, body: error.message });
        });
      } catch (error) {
        // ws throws while a new socket is being opened.
        settle({ status: 0, body: error instanceof Error ? error.message : String(error) });
      }
    });
  }

  /** True when the message was the reply to a request. */
  settle(message: unknown): boolean {
    if (!isRestReply(message)) return false;
    this.pending.get(message.request_id)?.settle({ status: message.status_code, body: message.message_body ?? '' });
    return true;
  }

  drop(why: string): void {
    for (const { settle } of [...this.pending.values()]) settle({ status: 0, body: why });
  }
}

interface RestResponseEvent {
  readonly type: 'RESTResponse';
  readonly request_id: string;
  readonly status_code: number;
  readonly message_body?: string;
}

function isRestReply(message: unknown): message is RestResponseEvent {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    message.type === 'RESTResponse' &&
    'request_id' in message &&
    typeof message.request_id === 'string' &&
    'status_code' in message &&
    typeof message.status_code === 'number'
  );
}
