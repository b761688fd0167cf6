/** What Clearline uses of ari-client 2.2.0, which ships no types of its own. */
declare module 'ari-client' {
  /** The websocket underneath (ws 8); replaced at each reconnect. */
  interface Socket {
    on(event: 'message', listener: (data: unknown) => void): void;
    on(event: 'close', listener: () => void): void;
    removeAllListeners(event: 'message'): void;
    send(data: string, done: (error?: Error) => void): void;
    readonly readyState: number;
    terminate(): void;
  }
  interface Client {
    _ws: Socket;
    on(event: string, listener: () => void): void;
    start(applications: string[], subscribeAll: boolean): Promise<void>;
    stop(): void;
    ping(): void;
  }
  const library: { connect(url: string, user: string, password: string): Promise<Client> };
  export default library;
  export type { Client, Socket };
}
