import type { Config } from '../config.ts';

/**
 * TCP ports of this machine that two settings name, in sentences. Told and no more: a page of figures that finds its port taken
 * must not keep Clearline from starting.
 */
export function portFaults({ sip, asterisk, watch }: Config): string[] {
  const ownAsterisk: [string, number][] = [
    ['sip.port', sip.port],
    ...(sip.tls ? [['sip.tls.port', sip.tls.port] satisfies [string, number]] : []),
    ['asterisk.httpPort', asterisk.httpPort],
    ['asterisk.amiPort', asterisk.amiPort],
  ];
  const wanted: [string, number][] = [
    ...(asterisk.url === undefined ? ownAsterisk : []),
    ['watch.interceptorPort', watch.interceptorPort],
    ['watch.workerPort', watch.workerPort],
  ];
  return wanted.flatMap(([setting, port], index) => {
    const [other] = wanted.slice(0, index).find((before) => before[1] === port) ?? [];
    return other === undefined ? [] : [`${setting}: found ${port}, which ${other} has already. Set another.`];
  });
}
