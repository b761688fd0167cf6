import { z } from 'zod';

/**
 * ARI events, validated at the edge and turned into the few facts the interceptor acts on. Anything else, and anything
 * malformed, is null: an event type that Asterisk adds tomorrow must not stop a call today.
 */
export type ExchangeEvent = { readonly at: number } & (
  | {
      readonly type: 'ChannelEntered';
      readonly channel: string;
      readonly name: string;
      /** The extension of the dialplan in which it entered. */
      readonly extension: string;
      /** Its SIP Call-ID. */
      readonly callId: string;
      readonly args: readonly string[];
      /** When Asterisk created the channel: for an inbound call, when the INVITE arrived. */
      readonly createdAt: number;
    }
  /** The hang-up was asked for, by whoever: what plays on the channel ends now, and ChannelGone follows. */
  | { readonly type: 'ChannelLeaving'; readonly channel: string; readonly cause: number }
  | { readonly type: 'ChannelGone'; readonly channel: string; readonly cause: number }
  /** What the dialplan's [caller-left] tells of the INVITE, in base64 and in its order. */
  | { readonly type: 'FactsTold'; readonly channel: string; readonly facts: readonly string[] }
  | EmergencyDialled
  /** How the dialplan fares with a leg it dials; `status` is `dialling`, `ringing`, or DIALSTATUS in Asterisk's words. */
  | {
      readonly type: 'DialTold';
      /** The channel that dials, and the one it made for it. */
      readonly channel: string;
      readonly peer: string;
      readonly peerName: string;
      readonly status: string;
      /** Of an emergency call, when its first trunk is dialled. */
      readonly emergency?: { readonly name: string; readonly line: string; readonly number: string } | null;
    }
  | { readonly type: 'DigitReceived'; readonly channel: string; readonly digit: string }
  | { readonly type: 'PlaybackEnded'; readonly playback: string; readonly failed: boolean }
  | { readonly type: 'RecordingEnded'; readonly recording: string; readonly seconds: number }
  | { readonly type: 'RecordingBroke'; readonly recording: string; readonly why: string }
  /** Another connection took the application: this one is deaf from now on. */
  | { readonly type: 'Replaced' }
);

/** The dialplan is calling an emergency number for this line: nobody was asked, and nobody is to touch the channel. */
interface EmergencyDialled {
  readonly type: 'EmergencyDialled';
  readonly channel: string;
  readonly name: string;
  readonly line: string;
  readonly number: string;
}

/**
 * The ARI event types Clearline listens to; Asterisk is told to send no others. The filter drops replies to requests on
 * the websocket too, unless RESTResponse is among them (Asterisk 22.10).
 */
export const heardTypes = [
  'StasisStart',
  'ChannelHangupRequest',
  'ChannelDestroyed',
  'ChannelUserevent',
  'ChannelDtmfReceived',
  'Dial',
  'PlaybackFinished',
  'RecordingFinished',
  'RecordingFailed',
  'ApplicationReplaced',
  'RESTResponse',
] as const;

/** A time that is none would stand in the call's record. */
const time = z
  .string()
  .transform((text) => Date.parse(text))
  .pipe(z.number());
const channel = z.object({
  id: z.string(),
  name: z.string().default(''),
  creationtime: time,
  protocol_id: z.string().default(''),
  dialplan: z.object({ exten: z.string().default('') }).default({ exten: '' }),
});
const dialler = z.object({
  id: z.string(),
  name: z.string().default(''),
  accountcode: z.string().default(''),
  dialplan: z
    .object({ context: z.string().default(''), exten: z.string().default('') })
    .default({ context: '', exten: '' }),
});
const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('StasisStart'), timestamp: time, args: z.array(z.string()).default([]), channel }),
  z.object({ type: z.literal('ChannelHangupRequest'), timestamp: time, cause: z.int().default(0), channel }),
  z.object({ type: z.literal('ChannelDestroyed'), timestamp: time, cause: z.int().default(0), channel }),
  z.object({
    type: z.literal('ChannelUserevent'),
    timestamp: time,
    eventname: z.enum(['ClearlineFacts', 'ClearlineEmergency']),
    userevent: z.record(z.string(), z.unknown()),
    channel,
  }),
  z.object({
    type: z.literal('Dial'),
    timestamp: time,
    caller: dialler,
    peer: z.object({ id: z.string(), name: z.string() }),
    dialstatus: z.string().default(''),
  }),
  z.object({ type: z.literal('ChannelDtmfReceived'), timestamp: time, digit: z.string(), channel }),
  z.object({
    type: z.literal('PlaybackFinished'),
    timestamp: time,
    playback: z.object({ id: z.string(), state: z.string().default('done') }),
  }),
  z.object({
    type: z.literal('RecordingFinished'),
    timestamp: time,
    recording: z.object({ name: z.string(), duration: z.number().default(0), talking_duration: z.number().optional() }),
  }),
  z.object({
    type: z.literal('RecordingFailed'),
    timestamp: time,
    recording: z.object({ name: z.string(), cause: z.string().default('') }),
  }),
  z.object({ type: z.literal('ApplicationReplaced'), timestamp: time }),
]);

/** Reads one message of the ARI websocket; null for what Clearline does not act on. */
export function readExchangeEvent(message: unknown): ExchangeEvent | null {
  if (isOwnDial(message)) return null;
  const parsed = event.safeParse(message);
  if (!parsed.success) return null;
  const said = parsed.data;
  const at = said.timestamp;
  switch (said.type) {
    case 'StasisStart': {
      const { id, name, creationtime: createdAt, protocol_id: callId, dialplan } = said.channel;
      const extension = dialplan.exten;
      return { type: 'ChannelEntered', at, channel: id, name, extension, callId, args: said.args, createdAt };
    }
    case 'ChannelHangupRequest':
      return { type: 'ChannelLeaving', at, channel: said.channel.id, cause: said.cause };
    case 'ChannelDestroyed':
      return { type: 'ChannelGone', at, channel: said.channel.id, cause: said.cause };
    case 'ChannelUserevent': {
      const { id, name } = said.channel;
      if (said.eventname === 'ClearlineEmergency') {
        const { line, number } = said.userevent;
        return {
          type: 'EmergencyDialled',
          at,
          channel: id,
          name,
          line: String(line ?? ''),
          number: String(number ?? ''),
        };
      }
      const facts = Array.from({ length: 10 }, (_, index) => String(said.userevent[`f${index + 1}`] ?? ''));
      return { type: 'FactsTold', at, channel: id, facts };
    }
    case 'Dial': {
      const { caller, peer, dialstatus } = said;
      const status = dialstatus === '' ? 'dialling' : dialstatus === 'RINGING' ? 'ringing' : dialstatus;
      const emergency = status === 'dialling' ? emergencyOf(caller) : null;
      return { type: 'DialTold', at, channel: caller.id, peer: peer.id, peerName: peer.name, status, emergency };
    }
    case 'ChannelDtmfReceived':
      return { type: 'DigitReceived', at, channel: said.channel.id, digit: said.digit };
    case 'PlaybackFinished':
      return { type: 'PlaybackEnded', at, playback: said.playback.id, failed: said.playback.state === 'failed' };
    case 'RecordingFinished': {
      const { name, duration, talking_duration } = said.recording;
      return { type: 'RecordingEnded', at, recording: name, seconds: talking_duration ?? duration };
    }
    case 'RecordingFailed':
      return { type: 'RecordingBroke', at, recording: said.recording.name, why: said.recording.cause };
    case 'ApplicationReplaced':
      return { type: 'Replaced', at };
  }
}

/** [emergency] marks the channel with its line, and dials the first trunk itself; others are dialled by its sub-routines. */
function emergencyOf({ name, accountcode, dialplan }: z.infer<typeof dialler>) {
  const [, line] = /^(.+)\/emergency$/.exec(accountcode) ?? [];
  if (line === undefined || dialplan.context !== 'emergency') return null;
  return { name, line, number: dialplan.exten };
}

/** A dial that ARI was asked for has no dialling channel. There are three in every call that rings, so they are not even parsed. */
function isOwnDial(message: unknown): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    message.type === 'Dial' &&
    !('caller' in message)
  );
}
