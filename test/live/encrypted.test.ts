import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newBranch, token } from '../support/phone/dialog.ts';
import { answerChallenge } from '../support/phone/digest.ts';
import { answerTo, compose, header, type SipMessage } from '../support/phone/message.ts';
import { Srtp } from '../support/phone/srtp.ts';
import { listenTls, makePapers, type Papers, TlsPeer } from '../support/phone/tls-peer.ts';
import { freePort, startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** A telephone and a trunk over TLS and SRTP, on an Asterisk whose site demands both. */

let stack: TestStack;
let folder: string;
let papers: Papers;
let tlsPort: number;
let stopCarrier: () => void;
const carriers: TlsPeer[] = [];
const sockets: Socket[] = [];
const phones: TlsPeer[] = [];
const carrierAddress = '127.0.0.4';
const phoneAddress = '127.0.0.40';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clearline-tls-'));
  papers = await makePapers(folder, ['127.0.0.1', carrierAddress]);
  const carrierPort = await freePort();
  stopCarrier = await listenTls(carrierAddress, carrierPort, papers, (peer) => carriers.push(peer));
  tlsPort = await freePort();
  stack = await startTestStack({
    lines: [{ id: 'room-1', number: '+441923555001' }],
    trunks: [{ name: 'net', address: `${carrierAddress}:${carrierPort}`, transport: 'tls', media: 'srtp' }],
    settings: {
      sip: { lineMedia: 'srtp', tls: { port: tlsPort, ...papers, ca: papers.certificate } },
    },
  });
}, 60_000);
afterAll(async () => {
  for (const peer of [...phones, ...carriers]) peer.close();
  for (const socket of sockets) socket.close();
  stopCarrier?.();
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** One party's audio: where it is heard, and the key it sends with. */
async function openMedia(address: string) {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  sockets.push(socket);
  const packets: Buffer[] = [];
  socket.on('message', (packet) => packets.push(packet));
  const key = randomBytes(30).toString('base64');
  const offer = (profile: 'RTP/SAVP' | 'RTP/AVP') =>
    [
      ...['v=0', `o=- 1 1 IN IP4 ${address}`, 's=-', `c=IN IP4 ${address}`, 't=0 0'],
      `m=audio ${socket.address().port} ${profile} 8`,
      'a=rtpmap:8 PCMA/8000',
      ...(profile === 'RTP/SAVP' ? [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`] : []),
      '',
    ].join('\r\n');
  return { socket, packets, key, offer };
}
type Party = Awaited<ReturnType<typeof openMedia>>;

const keyIn = ({ body }: SipMessage) =>
  /a=crypto:\d+ AES_CM_128_HMAC_SHA1_80 inline:([A-Za-z0-9+/=]{40})/.exec(body)?.[1];
const sdp = ['Content-Type: application/sdp'];

/** Sends its own sound to where the other side's SDP says until the other side has heard it, through Asterisk and encrypted on both legs. */
async function hears(from: Party, said: SipMessage, to: Party, toldBy: SipMessage): Promise<void> {
  const sender = new Srtp(from.key);
  const receiver = new Srtp(keyIn(toldBy) ?? '');
  const sound = randomBytes(160);
  const port = Number(/m=audio (\d+)/.exec(said.body)?.[1]);
  const ssrc = randomBytes(4);
  let sequence = 1;
  await until('the other side hears it', () => {
    const head = Buffer.alloc(12);
    head.writeUInt16BE(0x8008, 0);
    head.writeUInt16BE(sequence, 2);
    head.writeUInt32BE(sequence * 160, 4);
    ssrc.copy(head, 8);
    sequence += 1;
    from.socket.send(sender.protect(Buffer.concat([head, sound])), port, '127.0.0.1');
    return to.packets.some((packet) => receiver.open(packet)?.equals(sound));
  });
}

/** A telephone of room-1 over TLS. */
async function openPhone() {
  const peer = await TlsPeer.open(tlsPort, phoneAddress, papers);
  phones.push(peer);
  const local = `${phoneAddress}:${peer.socket.localPort}`;
  const ask = async (method: string, user: string, lines: readonly string[] = [], body = '') => {
    const uri = `sip:${user}127.0.0.1:${tlsPort}`;
    const callId = token();
    const tag = token();
    const send = (sequence: number, more: readonly string[]) =>
      peer.send(
        compose(
          `${method} ${uri} SIP/2.0`,
          [
            ...[`Via: SIP/2.0/TLS ${local};branch=${newBranch()};rport`, 'Max-Forwards: 70', `Call-ID: ${callId}`],
            ...[`From: <sip:room-1@127.0.0.1>;tag=${tag}`, `To: <${uri}>`, `CSeq: ${sequence} ${method}`],
            ...[`Contact: <sip:room-1@${local};transport=tls>`, ...lines, ...more],
          ],
          body,
        ),
      );
    const final = (sequence: number) => (message: SipMessage) =>
      message.status >= 200 &&
      header(message, 'call-id') === callId &&
      header(message, 'cseq').startsWith(`${sequence} `);
    send(1, []);
    const challenge = await peer.next('a challenge', final(1));
    const credentials = { user: 'room-1', password: 'secret-room-1' };
    const answer = answerChallenge(header(challenge, 'www-authenticate'), method, uri, credentials);
    send(2, [`Authorization: ${answer}`]);
    return peer.next(`the answer to ${method} ${user}`, final(2));
  };
  return { peer, ask };
}

it('carries 999 from a telephone to a trunk and back, encrypted on both legs', async () => {
  const phone = await openPhone();
  expect((await phone.ask('REGISTER', '')).status).toBe(200);
  const [resident, police] = [await openMedia(phoneAddress), await openMedia(carrierAddress)];
  const reached = phone.ask('INVITE', '999@', sdp, resident.offer('RTP/SAVP'));
  const invite = await until('the carrier has the INVITE over TLS', () =>
    carriers.flatMap(({ messages }) => messages).find(({ method }) => method === 'INVITE'),
  );
  expect(invite.body).toContain('RTP/SAVP');
  const contact = `Contact: <sip:999@${carrierAddress};transport=tls>`;
  const carrier = carriers.find(({ messages }) => messages.includes(invite));
  carrier?.send(answerTo(invite, 200, 'OK', token(), [contact, ...sdp], police.offer('RTP/SAVP')));
  const answered = await reached;
  expect(answered.status).toBe(200);
  expect(answered.body).toContain('RTP/SAVP');
  await hears(resident, answered, police, invite);
  await hears(police, invite, resident, answered);
});

it('refuses a telephone that would send its audio in clear', async () => {
  const phone = await openPhone();
  const { offer } = await openMedia(phoneAddress);
  expect((await phone.ask('INVITE', '12@', sdp, offer('RTP/AVP'))).status).toBe(488);
});

it.each([
  ['TLSv1.1', false],
  ['TLSv1.2', true],
] as const)('%s is taken: %s', async (version, taken) => {
  // Level 0: what Node itself would refuse is to be refused by the other side.
  const options = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const socket = connect({ host: '127.0.0.1', port: tlsPort, rejectUnauthorized: false, ...options });
  const outcome = await new Promise((resolve) => {
    socket.once('secureConnect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  expect(outcome).toBe(taken);
});
