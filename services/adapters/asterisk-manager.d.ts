/** What Clearline uses of asterisk-manager 0.2.0, which ships no types of its own. */
declare module 'asterisk-manager' {
  import type { NetConnectOpts } from 'node:net';

  interface Manager {
    options: { username: string; password: string };
    on(event: 'close', listener: () => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    /** Hands one item that was read to whoever waits for it. */
    emit(event: 'rawevent', item: object): void;
    removeAllListeners(actionId: string): void;
    /** It hands its first two arguments to `net.createConnection`, which takes options in place of a port. */
    connect(options: NetConnectOpts, host: undefined, done: (error: unknown) => void): void;
    login(done: (error?: unknown) => void): void;
    action(action: Record<string, string>, done: (error: unknown, fields: object) => void): string;
    disconnect(): void;
  }
  const create: new () => Manager;
  export default create;
  export type { Manager };
}
