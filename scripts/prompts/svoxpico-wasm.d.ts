/** The package ships no types: these are the few calls that pico.ts makes, after SVOX's picoapi.h. */
declare module '@echogarden/svoxpico-wasm' {
  type Argument = 'number' | 'string';
  export interface PicoModule {
    cwrap(
      name: string,
      returns: 'number',
      takes: readonly Argument[],
    ): (...values: readonly (number | string)[]) => number;
    getValue(address: number, type: 'i16' | 'i32'): number;
    readonly FS: { writeFile(path: string, data: Uint8Array): void };
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(address: number): void;
  }
  export default function initialise(): Promise<PicoModule>;
}
