import { expect, it } from 'vitest';
import { factsOf } from '../../services/adapters/asterisk-files.ts';
import { parseConfig } from '../../services/config.ts';
import { asteriskFiles, bansFile } from '../../services/core/asterisk-files.ts';

/** The generated files of a site that demands this. */
function filesOf(source: string): ReadonlyMap<string, string> {
  const config = parseConfig(source, '/srv/home/clearline.yaml');
  const passwords = { ari: 'ari-password', ami: 'ami-password', staffPhone: 'staff-password', watch: 'watch-password' };
  return asteriskFiles(factsOf(config, passwords, [], '/sounds'));
}

const encrypted = `
sip: {lineMedia: srtp, tls: {certificate: sip.pem, key: sip.key, ca: ca.pem}}
staff: {phone: staff}
trunks:
  - {name: carrier, address: "sip.example.net:5061", transport: tls, media: srtp, permit: [198.51.100.0/24, 198.51.101.1]}
`;

it('listens for TLS 1.2 with the site’s certificate, and checks whom trunks come from', () => {
  expect(filesOf(encrypted).get('pjsip.conf')).toContain(`[transport-tls]
type = transport
protocol = tls
bind = 0.0.0.0:5061
cert_file = /srv/home/sip.pem
priv_key_file = /srv/home/sip.key
method = tlsv1_2
ca_list_file = /srv/home/ca.pem
verify_server = yes
`);
});

it('reaches a trunk over TLS by its contact, and by its address when the dialplan dials that', () => {
  const pjsip = filesOf(encrypted).get('pjsip.conf');
  expect(pjsip).toContain('contact = sip:sip.example.net:5061\\;transport=tls\n');
  expect(pjsip).toContain('transport = transport-tls\nmedia_encryption = sdes\n');
  expect(filesOf(encrypted).get('extensions.conf')).toContain(
    'CLEARLINE_ADDRESS_trunk-carrier = sip.example.net:5061\\;transport=tls\n',
  );
});

it('knows a trunk by each address that it may call from', () => {
  expect(filesOf(encrypted).get('pjsip.conf')).toContain(
    'match = sip.example.net\nmatch = 198.51.100.0/24\nmatch = 198.51.101.1\n',
  );
});

it('demands SRTP of telephones only where the site does', () => {
  expect(filesOf(encrypted).get('pjsip.conf')).toMatch(/\[staff\]\(template_line\)\n[^[]*media_encryption = sdes\n/);
  const plain = filesOf('staff: {phone: staff}\ntrunks: [{name: carrier, address: sip.example.net}]').get('pjsip.conf');
  expect(plain).not.toMatch(/media_encryption|transport-tls|transport=/);
});

it('gives whoever hears of passwords no right to do anything', () => {
  const watch = filesOf('').get('manager.conf')?.split('[clearline-watch]')[1];
  expect(watch).toContain('deny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.1/255.255.255.255\nread = security\n');
  expect(watch).not.toContain('write =');
});

it('refuses an address by itself, and an IPv6 address with its network', () => {
  expect(bansFile(['192.0.2.7', '2001:db8:0:1::'])).toContain(
    '[clearline-bans](+)\ndeny = 192.0.2.7/32\ndeny = 2001:db8:0:1::/64\n',
  );
});
