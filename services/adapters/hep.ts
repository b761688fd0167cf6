import { createSocket, type Socket } from 'node:dgram';
import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isFromAsterisk, readHep, type SipCopy, type SipPeer, type SipSeen } from '../core/hep.ts';

export interface HepOptions {
  /** UDP port of 127.0.0.1. */
  readonly port: number;
  readonly password: string;
  /** Where Asterisk itself listens for SIP. */
  readonly sip: { readonly bind: string; readonly port: number };
}

export interface Hep {
  /** Packets that were no intact copy of a SIP message from our Asterisk. */
  readonly dropped: number;
  close(): void;
}

/** Asterisk sends without asking whether anybody listens: what comes while the event loop is busy waits in this many bytes. */
const bufferBytes = 4 << 20;
const retryMs = 2_000;
/** An address may come later than Clearline does, or change. */
const addressesMs = 60_000;

/**
 * Listens for Asterisk's copies of SIP messages (res_hep) and tells `hear` each one that is intact and says which side sent
 * it. Nothing that arrives can throw here, nor can what `hear` does: no call depends on it. Where the port is taken it tries
 * again for as long as it lives. `onTrouble` is told of that once, and of packets that our Asterisk did not send at the 1st, the 10th, the 100th …
 */
export function listenHep(
  options: HepOptions,
  hear: (seen: SipSeen & SipCopy) => void,
  onTrouble: (why: string) => void,
): Hep {
  const sentBy = sideTeller(options.sip);
  let dropped = 0;
  let strange = 0;
  const take = (packet: Uint8Array) => {
    try {
      const copy = readHep(packet, options.password);
      const side = copy && sentBy(copy);
      if (copy && side) return hear({ ...copy, sentBy: side });
    } catch (error) {
      onTrouble(`a copied SIP message could not be used: ${String(error)}`);
    }
    dropped += 1;
    // A far end may write what it likes, such as an INVITE without From: the copy of it is no trouble of ours.
    if (isFromAsterisk(packet, options.password)) return;
    strange += 1;
    if (Number.isInteger(Math.log10(strange))) {
      onTrouble(`${strange} packets on UDP port ${options.port} were no copies of SIP messages from our Asterisk`);
    }
  };
  const close = keepBound(options.port, take, onTrouble);
  return {
    get dropped() {
      return dropped;
    },
    close,
  };
}

/** Binds the port, now or when it is free. The answer stops it. */
function keepBound(port: number, take: (packet: Uint8Array) => void, onTrouble: (why: string) => void): () => void {
  let socket: Socket;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;
  let told = false;
  const bind = () => {
    // exclusive: nobody may share the port, and so nobody reads what is meant for us.
    socket = createSocket({ type: 'udp4', recvBufferSize: bufferBytes });
    socket.on('message', take);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      if (closed) return;
      if (!told) onTrouble(`cannot listen on UDP port ${port} of 127.0.0.1 (asterisk.hepPort): ${error.message}`);
      told = true;
      retry = setTimeout(bind, retryMs);
    });
    socket.bind({ address: '127.0.0.1', port, exclusive: true });
  };
  bind();
  return () => {
    closed = true;
    clearTimeout(retry);
    try {
      socket.close();
    } catch {
      // It was waiting for the port.
    }
  };
}

/**
 * Who sent a message, by the addresses it went between; the port decides only where both are ours. Null where neither is.
 * What a message says of itself, such as its Via, is the far end's to choose.
 */
function sideTeller(sip: HepOptions['sip']): (copy: SipCopy) => 'us' | 'them' | null {
  let own = ownAddresses(sip.bind);
  let readAt = performance.now();
  const isOwn = ({ address, family }: SipPeer) => own.check(address, family);
  return (copy) => {
    if (performance.now() - readAt > addressesMs) {
      own = ownAddresses(sip.bind);
      readAt = performance.now();
    }
    const [fromOwn, toOwn] = [isOwn(copy.source), isOwn(copy.destination)];
    if (fromOwn !== toOwn) return fromOwn ? 'us' : 'them';
    if (!fromOwn || copy.source.port === copy.destination.port) return null;
    if (copy.source.port === sip.port) return 'us';
    return copy.destination.port === sip.port ? 'them' : null;
  };
}

function ownAddresses(bind: string): BlockList {
  const own = new BlockList();
  const add = (address: string) => own.addAddress(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  add(bind);
  if (bind !== '0.0.0.0' && bind !== '::') return own;
  for (const address of Object.values(networkInterfaces()).flat()) if (address) add(address.address);
  return own;
}
