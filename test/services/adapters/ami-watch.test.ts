import { expect, it } from 'vitest';
import { passwordSeen } from '../../../services/adapters/ami-watch.ts';

const wrong = {
  event: 'ChallengeResponseFailed',
  service: 'PJSIP',
  accountid: 'room-1',
  remoteaddress: 'IPV4/UDP/192.0.2.7/45351',
  challenge: '1795381903/e30bc610d2bec21e50730936234f3f62',
};

it('reads a wrong answer, and what it claims to answer', () => {
  const seen = { kind: 'wrong', account: 'room-1', address: '192.0.2.7', nonce: wrong.challenge };
  expect(passwordSeen(wrong)).toEqual(seen);
  expect(passwordSeen({ ...wrong, remoteaddress: 'IPV6/TCP/2001:db8::7/45351' })?.address).toBe('2001:db8::7');
});

it('reads a password that was proved, and not that there was none to prove', () => {
  const right = { ...wrong, event: 'SuccessfulAuth', usingpassword: '1' };
  expect(passwordSeen(right)).toMatchObject({ kind: 'proved', address: '192.0.2.7', nonce: '' });
  expect(passwordSeen({ ...right, usingpassword: '0' })).toBeNull();
});

it.each([
  [{ ...wrong, service: 'AMI' }],
  [{ ...wrong, event: 'ChallengeSent' }],
  [{ ...wrong, event: 'InvalidAccountID' }],
  [{ ...wrong, remoteaddress: 'nonsense' }],
  [{ event: 'ChallengeResponseFailed' }],
  [{}],
])('takes %j for nothing', (fields) => {
  expect(passwordSeen(fields)).toBeNull();
});
