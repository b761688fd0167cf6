import {
  type ChannelRow,
  type Glance,
  isQuiet,
  type LineQuestion,
  namesIn,
  seenAtAGlance,
  seenInList,
  type Witness,
} from '../core/line-look.ts';

/** What the witness needs of AMI. */
export interface AmiBooks {
  /** The value of a variable or a function, of the machine's or of a channel's; null when there is no answer. */
  variable(name: string, channel?: string): Promise<string | null>;
  listChannels(): Promise<readonly ChannelRow[] | null>;
}

const answerMs = 1_000;

/** What Asterisk's own books, asked afresh over AMI, say of a line. */
export function amiWitness(books: AmiBooks): Witness {
  return async (question) => {
    const at = Date.now();
    const begun = performance.now();
    const seen = await inTime(lookAt(question, books));
    return seen && { at, tookMs: Math.round((performance.now() - begun) * 10) / 10, ...seen };
  };
}

/**
 * The telephone's own legs are counted by their marks: CHANNELS() would look at every channel on the machine. What bears no
 * mark, as of a dialplan of the site's own, is for ARI to see.
 */
async function lookAt(question: LineQuestion, { variable, listChannels }: AmiBooks) {
  const { line, channel, own } = question;
  // Asterisk finds a channel by its name at once, and by its id after all the others.
  const of = channel === null ? undefined : (own.get(channel) ?? channel);
  const [callers, calling, rung, isCalling, isRung, peers] = await Promise.all([
    variable(`GROUP_COUNT(${line}@clearline-in)`),
    variable(`GROUP_COUNT(${line}@clearline-out)`),
    variable(`GROUP_COUNT(${line}@clearline-rung)`),
    of === undefined ? '' : variable('GROUP(clearline-out)', of),
    of === undefined ? '' : variable('GROUP(clearline-rung)', of),
    of === undefined ? '' : variable('BRIDGEPEER', of),
  ]);
  if ([callers, calling, rung].some((count) => !/^\d+$/.test(count ?? ''))) return null;
  if (isCalling === null || isRung === null || peers === null) return null;
  const others = Number(calling) + Number(rung) - [isCalling, isRung].filter((group) => group === line).length;
  const glance: Glance = {
    telephone: others > 0 ? ['another leg of the telephone'] : [],
    callers: Number(callers),
    peers: namesIn(peers, ','),
  };
  if (isQuiet(glance, question)) return seenAtAGlance(glance, question);
  const channels = await listChannels();
  return channels ? seenInList(channels, glance, question) : null;
}

/** Null when it takes longer than a second. */
function inTime<T>(work: Promise<T | null>): Promise<T | null> {
  let timer: NodeJS.Timeout;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), answerMs);
  });
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}
