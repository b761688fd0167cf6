import { z } from 'zod';
import type { Reply } from '../core/ports.ts';

/**
 * ARI over plain HTTP: lists, which are too long for the websocket (see ari-rest.ts), and what has to be done for channels before this
 * process has a websocket, and with it the application, of its own.
 */

export interface AriAccount {
  readonly url: string;
  readonly user: string;
  readonly password: string;
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
  /** As Asterisk says: `Up` once answered, `Ring` before, `Ringing` for one that Asterisk rings. */
  readonly state: string;
}

export interface BridgeSighting {
  readonly id: string;
  readonly channels: readonly string[];
}

const channels = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    accountcode: z.string().default(''),
    state: z.string().default(''),
    dialplan: z
      .object({
        context: z.string().default(''),
        exten: z.string().default(''),
        app_name: z.string().default(''),
        app_data: z.string().default(''),
      })
      .default({ context: '', exten: '', app_name: '', app_data: '' }),
  }),
);
const bridges = z.array(z.object({ id: z.string(), channels: z.array(z.string()) }));

const answerMs = 1_000;

export class AriHttp {
  private readonly account: AriAccount;

  constructor(account: AriAccount) {
    this.account = account;
  }

  /** Every channel Asterisk has; null when it does not answer within a second. */
  async listChannels(): Promise<readonly ChannelSighting[] | null> {
    const found = await this.get('/channels', channels);
    return (
      found?.map(({ id, name, accountcode, dialplan, state }) => ({
        id,
        name,
        line: accountcode,
        context: dialplan.context,
        extension: dialplan.exten,
        application: dialplan.app_name,
        given: dialplan.app_data,
        state,
      })) ?? null
    );
  }

  /** Every bridge and who is in it; null when Asterisk does not answer within a second. */
  listBridges(): Promise<readonly BridgeSighting[] | null> {
    return this.get('/bridges', bridges);
  }

  /** Whether somebody takes the calls of an application; null when Asterisk does not say within a second. */
  async isTaken(application: string): Promise<boolean | null> {
    const { status } = await this.request('GET', `/applications/${application}`);
    return status === 200 ? true : status === 404 ? false : null;
  }

  /** Whether a playback, or a recording in the making, is over; null when Asterisk does not say within a second. */
  async isOver(what: 'playback' | 'recording', id: string): Promise<boolean | null> {
    const folder = what === 'playback' ? 'playbacks' : 'recordings/live';
    const { status } = await this.request('GET', `/${folder}/${encodeURIComponent(id)}`);
    return status === 200 ? false : status === 404 ? true : null;
  }

  stopPlaying(playback: string): Promise<Reply> {
    return this.command('DELETE', `/playbacks/${encodeURIComponent(playback)}`);
  }

  hangUp(channel: string, cause: number): Promise<Reply> {
    return this.command('DELETE', `/channels/${encodeURIComponent(channel)}?reason_code=${cause}`);
  }

  removeBridge(bridge: string): Promise<Reply> {
    return this.command('DELETE', `/bridges/${encodeURIComponent(bridge)}`);
  }

  /** Done once whatever plays on the channel has ended. */
  continueInDialplan(channel: string, context: string, extension: string): Promise<Reply> {
    const where = new URLSearchParams({ context, extension, priority: '1' });
    return this.command('POST', `/channels/${encodeURIComponent(channel)}/continue?${where}`);
  }

  private async get<T>(path: string, shape: z.ZodType<T>): Promise<T | null> {
    const { status, body } = await this.request('GET', path);
    if (status !== 200) return null;
    try {
      return shape.parse(JSON.parse(body));
    } catch {
      return null;
    }
  }

  private async command(method: string, path: string): Promise<Reply> {
    const { status, body } = await this.request(method, path);
    if (status >= 200 && status < 300) return { ok: true };
    return { ok: false, gone: status === 404, why: status === 0 ? body : `${status} ${body}` };
  }

  /** Status 0, with why, when nothing came back in time. */
  private async request(method: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
    const { url, user, password } = this.account;
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    try {
      const signal = AbortSignal.timeout(answerMs);
      const reply = await fetch(`${url}/ari${path}`, { method, headers: { authorization }, signal });
      return { status: reply.status, body: await reply.text() };
    } catch (error) {
      return { status: 0, body: error instanceof Error ? error.message : String(error) };
    }
  }
}
