import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the receiver does with a whole request; it answers 200 unless this answers. */
export type OnPost = (posted: Posted, response: ServerResponse) => void | Promise<void>;

export interface HttpInbox {
  readonly url: string;
  /** Every whole request, in order, answered or not. */
  readonly posts: readonly Posted[];
  /** How many requests broke off before their end. */
  readonly broken: () => number;
  onPost(hear: OnPost): void;
  close(): Promise<void>;
}

/** A real HTTP server on loopback. */
export async function openHttpInbox(): Promise<HttpInbox> {
  const posts: Posted[] = [];
  let broken = 0;
  let hear: OnPost = () => {};
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {
      broken += 1;
    });
    request.on('end', async () => {
      const posted = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      posts.push(posted);
      await hear(posted, response);
      if (!response.writableEnded && !response.destroyed) response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    broken: () => broken,
    onPost: (given) => {
      hear = given;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
