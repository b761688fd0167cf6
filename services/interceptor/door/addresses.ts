import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Addresses as bans count them. */

/**
 * What one household or one server has to itself: an IPv4 address, or an IPv6 network of 64 bits, written as its address
 * (`2001:db8:0:1::`). Null for what is no IP address.
 */
export function householdOf(address: string): string | null {
  if (isIP(address) === 4) return address;
  const bare = address.replace(/%.*$/, '');
  if (isIP(bare) !== 6) return null;
  // The parser of URLs writes every address in one way, without a trailing IPv4 part.
  const [head = '', tail] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':'))) as [
    string[],
    string[],
  ];
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
  if (groups.slice(0, 6).join() === '0,0,0,0,0,ffff') {
    const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  }
  return `${groups.slice(0, 4).join(':')}::`;
}

/** Whether a household lies in one of these networks, each an address or CIDR (`192.0.2.0/24`). */
export function inNetworks(networks: readonly string[]): (household: string) => boolean {
  // One list of both would find every IPv4 address in an IPv6 network such as ::/64, as ::ffff:192.0.2.1.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = familyOf(address);
    // A ban of an IPv6 address takes its whole network, so one that is spared spares it.
    const own = family === 'ipv4' ? 32 : 64;
    lists[family].addSubnet(address, Math.min(own, bits === undefined ? own : Number(bits)), family);
  }
  return (household) => lists[familyOf(household)].check(household, familyOf(household));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** The IP addresses of `host` or `host:port`. Rejects where a name cannot be looked up. */
export async function addressesOf(target: string): Promise<readonly string[]> {
  const host = target.replace(/:\d+$/, '');
  return isIP(host) > 0 ? [host] : (await lookup(host, { all: true })).map(({ address }) => address);
}
