import { createSocket, type Socket } from 'node:dgram';
import { parentPort } from 'node:worker_threads';
import { DialToneDetector } from '../../core/dial-tone.ts';
import type { Order, Told } from '../ears.ts';
import { RtpAudio } from './rtp.ts';

/** The thread on which ears listen: one socket and one detector a channel. */

const host = '127.0.0.1';
const sockets = new Map<string, Socket>();

parentPort?.on('message', (order: Order) => {
  if (order.do === 'listen') listen(order.id, order.turn);
  else stop(order.id);
});

function tell(told: Told): void {
  parentPort?.postMessage(told);
}

function listen(id: string, turn: number): void {
  stop(id);
  const socket = createSocket('udp4');
  sockets.set(id, socket);
  const [audio, detector] = [new RtpAudio(), new DialToneDetector()];
  socket.on('error', (error) => {
    if (sockets.get(id) === socket) stop(id);
    tell({ told: 'refused', turn, why: error.message });
  });
  socket.on('message', (datagram) => {
    const samples = audio.read(datagram);
    if (samples === null || !detector.feed(samples)) return;
    stop(id);
    tell({ told: 'heard', id, at: Date.now() });
  });
  socket.bind(0, host, () => tell({ told: 'listening', turn, host, port: socket.address().port }));
}

function stop(id: string): void {
  sockets.get(id)?.close();
  sockets.delete(id);
}
