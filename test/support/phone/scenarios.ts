/**
 * SIPp scenarios, written as XML by small functions. A caller's CSV row is `number dialled; name; number`, a
 * registering line's `user; [authentication …]`. A scenario takes whatever final answer comes: what the answer
 * should have been is the test's business, which reads it in the results.
 */

/** How a caller behaves once it has called. Times in milliseconds. */
export interface CallerScript {
  /** Hangs up that long after the answer; without it, waits for the far end's BYE (at most `patienceMs`). */
  readonly hangUpAfterMs?: number;
  /** Sends CANCEL when, before the answer, nothing new has come for that long: no ringing, no progress. */
  readonly cancelAfterMs?: number;
  /** Presses these keys, by SIP INFO, one every `keyEveryMs` after the answer. */
  readonly keys?: string;
  readonly keyEveryMs?: number;
  /** Gives up on a call that neither ends nor is answered. */
  readonly patienceMs?: number;
}

const refusals = [
  400, 401, 403, 404, 408, 410, 480, 484, 486, 488, 500, 501, 502, 503, 504, 600, 603, 604, 606, 607, 608,
];

const sdp = `v=0
o=- 1 1 IN IP4 [media_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 8 101
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20`;

const via = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]';
const contact = 'Contact: <sip:sipp@[local_ip]:[local_port]>';
const target = 'sip:[field0]@[remote_ip]:[remote_port]';
const caller = 'From: "[field1]" <sip:[field2]@[local_ip]>;tag=[pid]t[call_number]';
const noBody = 'Content-Length: 0';

function send(lines: readonly string[], repeat = false): string {
  return `<send${repeat ? ' retrans="500"' : ''}><![CDATA[\n\n${lines.join('\n')}\n\n]]></send>`;
}

/** A caller's request. SIPp's `[last_Via:]` carries the branch of the message just received back. */
function request(method: string, more: readonly string[] = [noBody], cseq = '[cseq]', viaLine = via): string[] {
  return [
    `${method} ${target} SIP/2.0`,
    viaLine,
    caller,
    `To: <${target}>${method === 'CANCEL' ? '' : '[peer_tag_param]'}`,
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    contact,
    'Max-Forwards: 70',
    ...more,
  ];
}

function reply(status: string, tag = '', cseq = '[last_CSeq:]', more: readonly string[] = [noBody]): string[] {
  const to = `[last_To:]${tag}`;
  return [`SIP/2.0 ${status}`, '[last_Via:]', '[last_From:]', to, '[last_Call-ID:]', cseq, contact, ...more];
}

const withSdp = ['Content-Type: application/sdp', 'Content-Length: [len]', '', sdp];

function keyBody(key: string): string[] {
  return ['Content-Type: application/dtmf-relay', 'Content-Length: [len]', '', `Signal=${key}`, 'Duration=160'];
}

function keySteps(script: CallerScript): string {
  const every = script.keyEveryMs ?? 1000;
  const steps = [...(script.keys ?? '')].map((key, i) => {
    return `<recv request="BYE" timeout="${every}" ontimeout="key${i}" next="bye"/>
<label id="key${i}"/>
${send(request('INFO', keyBody(key)), true)}
<recv request="BYE" optional="true" next="bye"/>
<recv response="481" optional="true" next="end"/>
<recv response="200"/>`;
  });
  return steps.join('\n');
}

function scenario(name: string, steps: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="${name}">\n${steps}\n</scenario>\n`;
}

/**
 * A caller on a trunk. Of several messages that may come next SIPp heeds the first one's timeout, and loses it once one
 * without a `next` has come: hence the way back to `waiting`.
 */
export function callerScenario(script: CallerScript, headers: readonly string[] = []): string {
  const patience = script.patienceMs ?? 120_000;
  const refused = refusals.map((status) => `<recv response="${status}" optional="true" next="refused"/>`).join('\n');
  return scenario(
    'caller',
    `${send(request('INVITE', [...headers, ...withSdp]), true)}
${refused}
<recv response="100"/>
<label id="waiting"/>
<recv response="180" optional="true" next="waiting" timeout="${script.cancelAfterMs ?? patience}" ontimeout="giveUp"/>
<recv response="183" optional="true" next="waiting"/>
${refused}
<recv response="200"/>
${send(request('ACK', [noBody], '1'))}
${keySteps(script)}
<recv request="BYE" timeout="${script.hangUpAfterMs ?? patience}" ontimeout="hangUp" next="bye"/>
<label id="bye"/>
${send(reply('200 OK'))}
<nop next="end"/>
<label id="hangUp"/>
${send(request('BYE'), true)}
<recv request="BYE" optional="true"/>
<recv response="481" optional="true" next="end"/>
<recv response="200" next="end"/>
<label id="giveUp"/>
${send(request('CANCEL', [noBody], '1', '[last_Via:]'), true)}
<recv response="200"/>
<recv response="487" next="refused"/>
<label id="refused"/>
${send(request('ACK', [noBody], '1', '[last_Via:]'))}
<label id="end"/>
<nop/>`,
  );
}

/** How phones behave that SIPp answers for, any number of lines on one port. Times in milliseconds. */
export interface AnswererScript {
  /** Rings that long, then answers; 0 answers at once. */
  readonly ringMs: number;
  /** Presses these keys, by SIP INFO, each that long after the answer or after the key before it. */
  readonly keys?: readonly { readonly key: string; readonly afterMs: number }[];
  /** Hangs up that long after the answer, or after the last key; without it, waits for the far end's BYE. */
  readonly hangUpAfterMs?: number;
  /** Refuses with this status after ringing. */
  readonly refuseWith?: number;
}

/** What an answerer sends in a call it was called by: its own side is the To of the INVITE. */
function answererRequest(method: string, more: readonly string[] = [noBody]): string[] {
  return [
    `${method} [next_url] SIP/2.0`,
    via,
    'From:[$local];tag=[pid]t[call_number]',
    'To:[$remote]',
    'Call-ID: [call_id]',
    `CSeq: [cseq] ${method}`,
    contact,
    'Max-Forwards: 70',
    ...more,
  ];
}

function answererKeySteps({ keys = [] }: AnswererScript): string {
  const steps = keys.map(
    ({ key, afterMs }, i) => `<recv request="BYE" timeout="${afterMs}" ontimeout="key${i}" next="bye"/>
<label id="key${i}"/>
${send(answererRequest('INFO', keyBody(key)), true)}
<recv request="BYE" optional="true" next="bye"/>
<recv response="481" optional="true" next="end"/>
<recv response="200"/>`,
  );
  return steps.join('\n');
}

export function answererScenario(script: AnswererScript): string {
  const tag = ';tag=[pid]t[call_number]';
  const answer =
    script.refuseWith === undefined
      ? `${send(reply('200 OK', tag, '[last_CSeq:]', withSdp), true)}
<recv request="CANCEL" optional="true" next="tooLate"/>
<recv request="ACK" rtd="true"/>
${answererKeySteps(script)}
<recv request="BYE" timeout="${script.hangUpAfterMs ?? 600_000}" ontimeout="hangUp" next="bye"/>
<label id="bye"/>
${send(reply('200 OK'))}
<nop next="end"/>`
      : `${send(reply(`${script.refuseWith} Refused`, tag), true)}
<recv request="ACK" next="end"/>`;
  return scenario(
    'answerer',
    `<recv request="OPTIONS" optional="true" next="options"/>
<recv request="INVITE" rrs="true"><action>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="remote"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="local"/>
<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="number"/>
</action></recv>
${send(reply('180 Ringing', tag))}
<recv request="CANCEL" timeout="${Math.max(1, script.ringMs)}" ontimeout="answer" next="cancelled"/>
<label id="cancelled"/>
${send(reply('200 OK', tag))}
${send(reply('487 Request Terminated', tag, 'CSeq: [$number] INVITE'), true)}
<recv request="ACK" next="end"/>
<label id="answer"/>
${answer}
<label id="hangUp"/>
${send(answererRequest('BYE'), true)}
<recv request="BYE" optional="true"/>
<recv response="481" optional="true" next="end"/>
<recv response="200" next="end"/>
<label id="tooLate"/>
${send(reply('200 OK'))}
<recv request="ACK"/>
<recv request="BYE"/>
${send(reply('200 OK'))}
<nop next="end"/>
<label id="options"/>
${send(reply('200 OK', tag))}
<label id="end"/>
<nop/>
<Reference variables="remote,local"/>`,
  );
}

/** Registers one line a call: rows are `user; [authentication username=… password=…]`. */
export function registerScenario(): string {
  const address = 'sip:[field0]@[remote_ip]:[remote_port]';
  const register = (...more: string[]) => [
    'REGISTER sip:[remote_ip]:[remote_port] SIP/2.0',
    via,
    `From: <${address}>;tag=[pid]t[call_number]`,
    `To: <${address}>`,
    'Call-ID: [call_id]',
    'CSeq: [cseq] REGISTER',
    'Contact: <sip:[field0]@[local_ip]:[local_port]>',
    'Max-Forwards: 70',
    'Expires: 3600',
    ...more,
    noBody,
  ];
  return scenario(
    'register',
    `${send(register(), true)}
<recv response="401" auth="true"/>
${send(register('[field1]'), true)}
<recv response="200"/>`,
  );
}
