import { rm } from 'node:fs/promises';
import { type Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp } from '../support/site.ts';
import { freePort, startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** The whole stack with the lines, telephones and trunks that are measured, and the same without Clearline beside them. */
export interface Home {
  readonly stack: TestStack;
  readonly phones: Phones;
  /** The far end of the trunk that calls go out over. */
  readonly carrier: Phone;
  /** Where calls come from that ring flat-1 by a bare Dial(). */
  readonly plain: Phone;
  /** One call each at a time: the lines `<name>-1`, `<name>-2` …, their telephones registered. */
  telephones(name: keyof typeof counts): Promise<Phone[]>;
  untilQuiet(channels?: number): Promise<void>;
  stop(): Promise<void>;
}

/** A caller whom every line trusts. */
export const anna = '+447700900123';

/**
 * How many there are of each. `out` dial through Clearline, `bare` without it; in `warned` the resident keys a number; `other` are who else speaks
 * meanwhile, `flat` who is rung.
 */
export const counts = { flat: 2, out: 10, bare: 10, warned: 120, other: 500 } as const;
type LineName = keyof typeof counts;

const firstDigits: Record<LineName, string> = { flat: '01', out: '02', bare: '03', warned: '04', other: '5' };

/** The number of `<name>-<index + 1>`, as people dial it. */
export function numberOf(name: LineName, index: number): string {
  const lead = firstDigits[name];
  return `019235${lead}${String(index).padStart(5 - lead.length, '0')}`;
}

/** Dialplans with nothing of Clearline in them. */
const site = {
  'extensions.conf': [
    '[bare]\nexten => _X.,1,Dial(PJSIP/flat-1,20)\n same => n,Hangup()',
    '[bare-out]\nexten => _X.,1,Dial(PJSIP/$' + '{EXTEN}@trunk-net)\n same => n,Hangup()\n',
  ].join('\n'),
  'pjsip.conf': [
    '[trunk-bare](+type=endpoint)\ncontext = bare\n',
    ...each('bare').map((id) => `[${id}](+type=endpoint)\ncontext = bare-out\n`),
  ].join(''),
};

export async function startHome(): Promise<Home> {
  const sip = { host: '127.0.0.1', port: await freePort() };
  // On the air before Asterisk is, which asks a trunk whether it lives when it starts.
  const phones = new Phones(sip);
  const carrier = await phones.trunk('127.0.0.2');
  const plain = await phones.trunk('127.0.0.4');
  const prompts = makeShortPrompts();
  const stack = await startTestStack({
    services: ['worker', 'interceptor'],
    lines: (Object.keys(counts) as LineName[]).flatMap(linesNamed),
    trunks: [
      { name: 'net', address: `127.0.0.2:${carrier.wire.local.port}` },
      { name: 'bare', address: `127.0.0.4:${plain.wire.local.port}` },
    ],
    // Two ports a leg, and two legs a call.
    settings: { sip: { port: sip.port, rtpFrom: 12_000, rtpTo: 19_999 }, sounds: { folder: prompts.folder } },
    site,
  });
  return {
    stack,
    phones,
    carrier,
    plain,
    telephones: (name) => Promise.all(each(name).map((line) => lineUp(phones, line))),
    untilQuiet: async (channels = 0) =>
      void (await until(
        'only the other calls are left',
        async () => (await stack.channels()).length <= channels,
        20_000,
      )),
    async stop() {
      phones.close();
      await stack.stop();
      await rm(prompts.folder, { recursive: true });
    },
  };
}

function each(name: LineName): string[] {
  return Array.from({ length: counts[name] }, (_, index) => `${name}-${index + 1}`);
}

function linesNamed(name: LineName) {
  const announced = (id: string) => id === 'flat-2' || name === 'warned';
  return each(name).map((id, index) => ({
    id,
    number: `+44${numberOf(name, index).slice(1)}`,
    mode: announced(id) ? ('announce' as const) : ('guarded' as const),
    trusted: [{ number: anna, name: 'Anna' }],
  }));
}
