import { compareLooks, measureLooks } from './check-cost.ts';
import { measureGhostDial } from './ghost-dial.ts';
import { measureHistory } from './history/measure.ts';
import { startHome } from './home.ts';
import { measureFirstWord, measureRinging } from './inbound.ts';
import { startOthers } from './others.ts';
import { measureDialling } from './outgoing.ts';

/**
 * What a person waits for, against a bare Dial() on the same Asterisk in the same run; then what staff wait for, with a million
 * calls on record. Exits with 1 when a promise of the README is not kept. Rounds alternate, so that a busy machine slows both alike.
 *
 *     npm run bench              all of it, some ten minutes
 *     npm run bench -- short     a tenth of the calls
 */

const short = process.argv[2] === 'short';
const sizes = short
  ? { rounds: 2, ringing: 50, firstWord: 10, dialling: 20, ghostDials: 20, looks: 40 }
  : { rounds: 5, ringing: 100, firstWord: 40, dialling: 40, ghostDials: 120, looks: 150 };
/** Other conversations: what the ghost dial is promised with, and what the check must not mind. */
const [some, many] = [50, 500];

async function main(): Promise<void> {
  const home = await startHome();
  const kept: boolean[] = [];
  try {
    kept.push(await measureRinging(home, sizes.rounds, sizes.ringing));
    kept.push(await measureFirstWord(home, sizes.firstWord));
    await home.untilQuiet();
    kept.push(await measureDialling(home, sizes.rounds, sizes.dialling));
    const telephones = await home.telephones('out');
    const alone = await measureLooks(home, telephones, sizes.looks, 0);
    const others = await startOthers(home);
    await others.begin(some);
    kept.push(await measureGhostDial(home, sizes.ghostDials, some));
    await others.begin(many - some);
    kept.push(compareLooks(alone, await measureLooks(home, telephones, sizes.looks, many)));
    await others.stop();
  } finally {
    await home.stop();
  }
  kept.push(await measureHistory(short ? 'short' : 'whole'));
  process.exitCode = kept.every(Boolean) ? 0 : 1;
}

await main();
