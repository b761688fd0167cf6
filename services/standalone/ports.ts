import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Config } from '../config.ts';

/**
 * Tries every port Clearline's own Asterisk will listen on. Rejects with one line for each that is taken, naming the setting:
 * Asterisk itself would start, and be deaf.
 */
export async function checkPorts(config: Config): Promise<void> {
  if (config.asterisk.url) return;
  const wanted = [
    { setting: 'sip.port', kind: 'UDP', host: config.sip.bind, port: config.sip.port },
    { setting: 'sip.port', kind: 'TCP', host: config.sip.bind, port: config.sip.port },
    ...(config.sip.tls
      ? [{ setting: 'sip.tls.port', kind: 'TCP' as const, host: config.sip.bind, port: config.sip.tls.port }]
      : []),
    { setting: 'asterisk.httpPort', kind: 'TCP', host: '127.0.0.1', port: config.asterisk.httpPort },
    { setting: 'asterisk.amiPort', kind: 'TCP', host: '127.0.0.1', port: config.asterisk.amiPort },
  ] as const;
  const faults = await Promise.all(
    wanted.map(async ({ setting, kind, host, port }) => {
      const code = kind === 'UDP' ? await tryUdp(host, port) : await tryTcp(host, port);
      if (code === null) return [];
      if (code === 'EADDRINUSE') {
        return [
          `${setting}: ${kind} port ${port} on ${host} is taken by another program. Stop it, or set another ${setting}.`,
        ];
      }
      return [`${setting}: cannot listen on ${host} port ${port} (${kind}): ${code}. Set another address or port.`];
    }),
  );
  if (faults.flat().length > 0) throw new Error(faults.flat().join('\n'));
}

/** The error code that binding gives, or null when the port is free. */
function tryUdp(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(null)));
  });
}

function tryTcp(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
