/** What Clearline uses of asterisk-manager 0.2.0, which ships no types of its own. */
declare module 'asterisk-manager' {
  type Fields = Record<string, string | string[] | undefined>;
  interface Manager {
    options: { username: string; password: string };
    on(event: string, listener: (fields: Fields) => void): void;
    removeListener(event: string, listener: (fields: Fields) => void): void;
    connect(port: number, host: string, done: (error: unknown) => void): void;
    login(done: (error?: unknown) => void): void;
    action(action: Record<string, string>, done: (error: unknown, fields: Fields) => void): string;
    disconnect(): void;
  }
  const create: new (port?: number, host?: string, user?: string, password?: string, events?: boolean) => Manager;
  export default create;
  export type { Fields, Manager };
}
