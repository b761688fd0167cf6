import { rmSync } from 'node:fs';
import { type AriDelay, delayAri } from '../support/ari-delay.ts';
import { markers } from '../support/audio.ts';
import type { Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp, networkAddress, type Site, startSite } from '../support/site.ts';
import { Book } from './book.ts';
import type { CrowdParts } from './crowd.ts';
import { Household } from './household.ts';
import { speak } from './talk.ts';

/** A site with homes in which every scene is played, and lines for the crowd to call. */
export interface Town {
  readonly site: Site;
  readonly ari: AriDelay;
  readonly book: Book;
  readonly households: readonly Household[];
  readonly crowd: CrowdParts;
  stop(): Promise<void>;
}

const trusted = '+447700900123';
const blocked = '+442079460999';
const crowdLines = Array.from({ length: 24 }, (_, index) => ({
  id: `flat-${index + 1}`,
  number: `+441923553${String(index + 100)}`,
}));
const noTelephone = { id: 'empty-1', number: '+441923554100' };
const national = (number: string) => `0${number.slice(3)}`;

export async function startTown(homes: number): Promise<Town> {
  const houses = Array.from({ length: homes }, (_, index) => ({
    id: `house-${index + 1}`,
    number: `+441923555${String(index + 100)}`,
  }));
  const prompts = makeShortPrompts();
  const site = await startSite({
    lines: [...houses, ...crowdLines, noTelephone].map((line) => ({
      ...line,
      mode: 'announce' as const,
      trusted: [{ number: trusted, name: 'Anna' }],
      blocked: [blocked],
    })),
    carrier: true,
    settings: {
      sounds: { folder: prompts.folder },
      screening: { holdSeconds: 3, reportedHoldSeconds: 3, nameSeconds: 2, challengeSeconds: 3 },
      outgoing: { waitSeconds: 30 },
    },
  });
  const phones = site.phones();
  try {
    const ari = await delayAri(site.stack);
    const farEnds = [site.police, site.carrier];
    for (const far of farEnds) answerAndSpeak(far);
    const network = await phones.trunk(networkAddress);
    const book = new Book();
    const households = await Promise.all(
      houses.map(async (line, index) => {
        const telephone = await lineUp(phones, line.id);
        const stranger = `+4420794600${String(index + 10)}`;
        return new Household({ line, telephone, network, farEnds, trusted, stranger, book });
      }),
    );
    await putUpCrowd(phones);
    const crowd = {
      network,
      numbers: crowdLines.map(({ number }) => national(number)),
      noTelephone: national(noTelephone.number),
      trusted,
      blocked,
      stranger: (index: number) => `+4420794601${String(index % 100).padStart(2, '0')}`,
      book,
    };
    const stop = async () => {
      clearInterval(speaking);
      phones.close();
      await ari.remove();
      await site.stop();
      rmSync(prompts.folder, { recursive: true });
    };
    const speaking = setInterval(() => farEnds.forEach(speakWhenAnswered), 50);
    return { site, ari, book, households, crowd, stop };
  } catch (error) {
    phones.close();
    await site.stop();
    throw error;
  }
}

async function putUpCrowd(phones: Phones): Promise<void> {
  for (const { id } of crowdLines) {
    const phone = await lineUp(phones, id);
    phone.onCall = { do: 'answer', afterMs: 100 };
  }
}

function answerAndSpeak(far: Phone): void {
  far.onCall = { do: 'answer', afterMs: 150 };
}

const speaks = new WeakSet<object>();

/** The police speak first: whoever is connected to them hears so. */
function speakWhenAnswered(far: Phone): void {
  for (const leg of far.received) {
    if (leg.answeredAt === null || speaks.has(leg)) continue;
    speaks.add(leg);
    speak({ leg, says: markers.police });
  }
}
