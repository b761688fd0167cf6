import { until } from '../../support/until.ts';

/**
 * A service's own heap, asked of Node's inspector: with `--inspect` in NODE_OPTIONS every Node has one, so that nothing in
 * Clearline is there for this measurement alone.
 */
export class Inspector {
  private readonly socket: WebSocket;
  private asked = 0;
  private readonly answers = new Map<number, (result: Record<string, unknown>) => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: Record<string, unknown> };
      if (id === undefined) return;
      this.answers.get(id)?.(result ?? {});
      this.answers.delete(id);
    });
  }

  /**
   * Finds the port in what the service wrote: "Debugger listening on ws://127.0.0.1:…". The path behind it is asked for: parts of it
   * may look like a telephone number, and be hidden in the log.
   */
  static async open(service: string, output: readonly string[]): Promise<Inspector> {
    const port = await until(`the inspector of ${service} listens`, () => {
      const line = output.findLast((each) => each.startsWith(`${service}: Debugger listening on `));
      return /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line ?? '')?.[1];
    });
    const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      webSocketDebuggerUrl: string;
    }[];
    if (!target) throw new Error(`the inspector of ${service} names no address`);
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error(`the inspector of ${service} cannot be reached`)));
    });
    return new Inspector(socket);
  }

  /** Bytes in use after two collections: what a first one frees by finalizers goes with the second. */
  async heapUsed(): Promise<number> {
    await this.ask('HeapProfiler.collectGarbage');
    await this.ask('HeapProfiler.collectGarbage');
    const { usedSize } = await this.ask('Runtime.getHeapUsage');
    return Number(usedSize);
  }

  /** Timers, sockets and requests that keep its event loop alive. */
  async handles(): Promise<number> {
    const { result } = await this.ask('Runtime.evaluate', { expression: 'process.getActiveResourcesInfo().length' });
    return Number((result as { value?: unknown })?.value);
  }

  close(): void {
    this.socket.close();
  }

  private ask(method: string, params = {}): Promise<Record<string, unknown>> {
    const id = ++this.asked;
    return new Promise((resolve) => {
      this.answers.set(id, resolve);
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
