/** Something that speaks. */
export interface Voice {
  /** What is spoken with, exactly: two voices of one identity give the same samples for the same text. */
  readonly identity: string;
  /** Samples a second of what `speak` gives. */
  readonly rate: number;
  /** @param speed percent of the voice's own pace */
  speak(text: string, speed: number): Promise<Int16Array>;
}
