import { z } from 'zod';
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
import type { RestReply } from './ari-rest.ts';

/** What the witness needs of ARI. */
export interface AriBooks {
  /** One request over the websocket, which is quick as long as its answer is short. */
  get(uri: string): Promise<RestReply>;
  listChannels(): Promise<readonly ChannelRow[] | null>;
}

const endpointReply = z.object({ channel_ids: z.array(z.string()) });
const variableReply = z.object({ value: z.string() });
const countReply = z.object({ value: z.string().regex(/^\d+$/) });

const answerMs = 1_000;

/** What Asterisk's own books, asked afresh over ARI, say of a line. */
export function ariWitness(books: AriBooks): Witness {
  return async (question) => {
    const at = Date.now();
    const begun = performance.now();
    const seen = await inTime(lookAt(question, books));
    return seen && { at, tookMs: Math.round((performance.now() - begun) * 10) / 10, ...seen };
  };
}

async function lookAt(question: LineQuestion, books: AriBooks) {
  const { line, channel, own } = question;
  // Asterisk counts a group for a channel only: without one the answer would be empty, whoever is on the line.
  if (channel === null) return lookThroughAll(question, { telephone: [], callers: 0, peers: [] }, books);
  // Asterisk finds a channel by its name at once, and by its id after all the others.
  const name = encodeURIComponent(own.get(channel) ?? channel);
  const variable = (variable: string) => books.get(`/channels/${name}/variable?${new URLSearchParams({ variable })}`);
  const [telephone, callers, peer] = await Promise.all([
    books.get(`/endpoints/PJSIP/${encodeURIComponent(line)}`),
    variable(`GROUP_COUNT(${line}@clearline-in)`),
    variable('BRIDGEPEER'),
  ]);
  // 404 of the peer alone: it is connected to nobody.
  if (telephone.status !== 200 || callers.status !== 200 || ![200, 404].includes(peer.status)) return null;
  const glance = {
    telephone: endpointReply.parse(JSON.parse(telephone.body)).channel_ids,
    callers: Number(countReply.parse(JSON.parse(callers.body)).value),
    peers: peer.status === 200 ? namesIn(variableReply.parse(JSON.parse(peer.body)).value, ',') : [],
  };
  return isQuiet(glance, question) ? seenAtAGlance(glance, question) : lookThroughAll(question, glance, books);
}

async function lookThroughAll(question: LineQuestion, glance: Glance, books: AriBooks) {
  const channels = await books.listChannels();
  return channels && seenInList(channels, glance, question);
}

/** Null when it takes longer than a second, or what came is no answer. */
function inTime<T>(work: Promise<T | null>): Promise<T | null> {
  let timer: NodeJS.Timeout;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), answerMs);
  });
  return Promise.race([work.catch(() => null), tooLate]).finally(() => clearTimeout(timer));
}
