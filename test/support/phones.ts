import { Phone, type PhoneOptions } from './phone/phone.ts';
import type { Peer } from './phone/wire.ts';

export type { Phone } from './phone/phone.ts';
export * from './phone/sipp.ts';

/**
 * Telephones for tests: SIP over UDP and G.711 over RTP, on loopback addresses of their own. SIPp, which carries the load
 * tests (see phone/sipp.ts), follows a script to its end; these do what a test says when it says it, misbehave on
 * request, write bytes that no script can, and stamp each datagram at its arrival.
 *
 *     const phones = new Phones(asterisk);
 *     const resident = await phones.register({ address: '127.0.0.3', user: 'flat-4', password });
 *     const stranger = await phones.trunk('127.0.0.2');
 *     const call = await stranger.call({ to: '01923555104', from: { name: 'Police', number: '101' } });
 *     const ringing = await resident.nextCall();
 *     ringing.answer();
 *     await call.untilAnswered();
 */

/** All phones of one test, so that they can be saved and put away together. */
export class Phones {
  readonly all: Phone[] = [];
  readonly #asterisk: Peer;

  constructor(asterisk: Peer) {
    this.#asterisk = asterisk;
  }

  /** The telephone network at the far end of a trunk, known to Asterisk by its address. */
  async trunk(address: string, port = 0): Promise<Phone> {
    return this.#add({ address, port });
  }

  /** A phone that registers, as a resident's or the staff's does. */
  async register(options: { address: string; user: string; password: string }): Promise<Phone> {
    const { user, password } = options;
    const phone = await this.#add({ address: options.address, credentials: { user, password } });
    await phone.register();
    return phone;
  }

  /** What every phone heard and said; works after `close`, too. */
  save(folder: string): void {
    for (const phone of this.all) phone.save(folder);
  }

  /** Whoever still rings is refused: Asterisk would go on sending their INVITEs to the next test's phone at the same address. */
  close(): void {
    for (const phone of this.all) {
      phone.refuseAll();
      phone.close();
    }
  }

  async #add(options: Omit<PhoneOptions, 'asterisk'>): Promise<Phone> {
    const phone = await Phone.open({ ...options, asterisk: this.#asterisk });
    this.all.push(phone);
    return phone;
  }
}
