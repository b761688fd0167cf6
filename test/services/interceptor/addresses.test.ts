import { expect, it } from 'vitest';
import { addressesOf, householdOf, inNetworks } from '../../../services/interceptor/door/addresses.ts';

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8::1', '2001:db8:0:0::'],
  ['2001:DB8:0:1:2:3:4:5', '2001:db8:0:1::'],
  ['2001:db8:0:1:ffff:0:c000:0201', '2001:db8:0:1::'],
  ['fe80::1%eth0', 'fe80:0:0:0::'],
  ['::1', '0:0:0:0::'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['192.0.2', null],
  ['sip.example.net', null],
  ['', null],
])('the household of %s is %s', (address, expected) => {
  expect(householdOf(address)).toBe(expected);
  if (expected !== null) expect(householdOf(expected)).toBe(expected);
});

it.each([
  ['192.0.2.7', ['192.0.2.0/24'], true],
  ['192.0.3.7', ['192.0.2.0/24'], false],
  ['192.0.2.7', ['192.0.2.7'], true],
  ['192.0.2.8', ['192.0.2.7'], false],
  // Every IPv4 address can be written as an IPv6 one that begins with 80 zeros.
  ['192.0.2.7', ['::1'], false],
  ['0:0:0:0::', ['::1'], true],
  ['2001:db8:0:1::', ['2001:db8:0:1::5'], true],
  ['2001:db8:0:1::', ['2001:db8:0:1::5/128'], true],
  ['2001:db8:0:2::', ['2001:db8:0:1::5'], false],
  ['2001:db8:5:2::', ['2001:db8::/32'], true],
  ['2001:db8:5:2::', ['0.0.0.0/0'], false],
  ['192.0.2.7', [], false],
])('%s in %j: %s', (household, networks, expected) => {
  expect(inNetworks(networks)(household)).toBe(expected);
});

it('needs no look-up for a trunk that is named by its address', async () => {
  expect(await addressesOf('192.0.2.7:5080')).toEqual(['192.0.2.7']);
});
