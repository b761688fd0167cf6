import { z } from 'zod';
import type { Sound } from '../core/call.ts';
import type { DialRequest, Reply } from '../core/ports.ts';
import type { RestReply } from './ari-rest.ts';

export interface AriSite {
  readonly application: string;
  /** Folder of the prompts, as Asterisk sees it. */
  readonly soundsFolder: string;
}

const channelReply = z.object({ state: z.string(), dialplan: z.object({ app_name: z.string() }) });

/** What the exchange is asked to do, as the REST requests that these are; see core/ports.ts. */
export abstract class AriCommands {
  protected readonly options: AriSite;

  constructor(options: AriSite) {
    this.options = options;
  }

  protected abstract request(method: string, uri: string, body?: unknown): Promise<RestReply>;

  async answer(channel: string): Promise<Reply> {
    const reply = await this.command('POST', `/channels/${id(channel)}/answer`);
    if (reply.ok || !/^(409|500) /.test(reply.why)) return reply;
    // Asterisk's words for a caller who cancelled at that moment, and for a leg that the dialplan has by now.
    switch (await this.whereIs(channel)) {
      case 'up or in the dialplan':
        return { ok: true };
      case 'unanswered':
        // It is not left behind.
        void this.hangUp(channel, 16);
        return { ...reply, gone: true };
      case 'gone':
        return { ...reply, gone: true };
      case 'unknown':
        return reply;
    }
  }

  private async whereIs(channel: string): Promise<'up or in the dialplan' | 'unanswered' | 'gone' | 'unknown'> {
    const { status, body } = await this.request('GET', `/channels/${id(channel)}`);
    if (status === 404) return 'gone';
    if (status !== 200) return 'unknown';
    try {
      const { state, dialplan } = channelReply.parse(JSON.parse(body));
      return state === 'Up' || dialplan.app_name !== 'Stasis' ? 'up or in the dialplan' : 'unanswered';
    } catch {
      // A reply that cannot be read must end no process that runs calls.
      return 'unknown';
    }
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

  private async command(method: string, uri: string, given?: unknown): Promise<Reply> {
    const { status, body } = await this.request(method, uri, given);
    if (status >= 200 && status < 300) return { ok: true };
    // 404: no such channel, playback or bridge any more; a DELETE of it has thereby succeeded.
    return { ok: false, gone: status === 404, why: status === 0 ? body : `${status} ${body}` };
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
