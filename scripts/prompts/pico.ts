import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PicoModule } from '@echogarden/svoxpico-wasm';
import initialise from '@echogarden/svoxpico-wasm';
import { readPcm } from '../../services/wav.ts';
import type { Voice } from './voice.ts';

/** Text analysis and signal generation of SVOX Pico's British voice, as `libttspico-data` names them. */
export const picoFiles = ['en-GB_ta.bin', 'en-GB_kh0_sg.bin'] as const;

const rate = 16_000;
const engineBytes = 2_500_000;
/** Percent. At its full volume of 100 the voice clips. */
const volume = 50;
const bufferBytes = 16_384;
/** From picodefs.h: pico_getData answers one of these, or an error below zero. */
const stepIdle = 200;
const stepBusy = 201;

interface Resource {
  readonly file: string;
  readonly data: Uint8Array;
}

/**
 * SVOX Pico, compiled to WebAssembly, with the British voice.
 * @param folder where the two files of `picoFiles` lie
 * @throws Error when the engine refuses the voice's files
 */
export async function openPico(folder: string, identity: string): Promise<Voice> {
  const resources = picoFiles.map((file) => ({ file, data: readFileSync(join(folder, file)) }));
  const speakOnce = async (text: string, speed: number) => {
    // An engine remembers, even when reset: the same sentence comes out a little different the second time.
    const pico = await initialise();
    return speak(pico, openEngine(pico, resources), text, speed);
  };
  return { identity, rate, speak: speakOnce };
}

function openEngine(pico: PicoModule, resources: readonly Resource[]): number {
  const pointer = pico._malloc(4);
  const openedAt = () => pico.getValue(pointer, 'i32');
  const call = caller(pico);
  call('pico_initialize', pico._malloc(engineBytes), engineBytes, pointer);
  const system = openedAt();
  const voice = 'clearline';
  call('pico_createVoiceDefinition', system, voice);
  for (const { file, data } of resources) {
    pico.FS.writeFile(file, data);
    call('pico_loadResource', system, file, pointer);
    const name = pico._malloc(32);
    call('pico_getResourceName', system, openedAt(), name);
    call('pico_addResourceToVoiceDefinition', system, voice, name);
  }
  call('pico_newEngine', system, voice, pointer);
  return openedAt();
}

/** Calls the engine by name; its status number is all that it tells of a fault. */
function caller(pico: PicoModule) {
  return (name: string, ...values: (number | string)[]) => {
    const takes = values.map((value) => (typeof value === 'string' ? ('string' as const) : ('number' as const)));
    const status = pico.cwrap(name, 'number', takes)(...values);
    if (status !== 0) throw new Error(`SVOX Pico: ${name} failed with status ${status}`);
  };
}

function speak(pico: PicoModule, engine: number, text: string, speed: number): Int16Array {
  // The closing NUL is what makes the engine speak a sentence to its end.
  const bytes = Buffer.from(`<volume level="${volume}"><speed level="${speed}">${text}</speed></volume>\0`);
  const address = pico._malloc(bytes.length);
  const taken = pico._malloc(2);
  const parts: Buffer[] = [];
  for (let done = 0; done < bytes.length; done += pico.getValue(taken, 'i16')) {
    pico.HEAPU8.set(bytes.subarray(done), address);
    caller(pico)('pico_putTextUtf8', engine, address, bytes.length - done, taken);
    parts.push(...drain(pico, engine));
  }
  pico._free(address);
  pico._free(taken);
  return readPcm(Buffer.concat(parts));
}

function drain(pico: PicoModule, engine: number): Buffer[] {
  const buffer = pico._malloc(bufferBytes);
  const written = pico._malloc(2);
  const type = pico._malloc(2);
  const getData = pico.cwrap('pico_getData', 'number', ['number', 'number', 'number', 'number', 'number']);
  const parts: Buffer[] = [];
  for (let status = stepBusy; status !== stepIdle; ) {
    status = getData(engine, buffer, bufferBytes, written, type);
    if (status !== stepBusy && status !== stepIdle) throw new Error(`SVOX Pico: speaking failed with status ${status}`);
    parts.push(Buffer.from(pico.HEAPU8.slice(buffer, buffer + pico.getValue(written, 'i16'))));
  }
  for (const address of [buffer, written, type]) pico._free(address);
  return parts;
}
