/** What one run of vitest came to, as its reporter writes it; what has to be run again; and what two runs come to together. */

export interface TestResult {
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
}

export interface FileResult {
  /** From the root of the repository. */
  readonly file: string;
  readonly project: string;
  readonly tests: readonly TestResult[];
  /** Why the file failed outside its tests: it could not be loaded, or what it does before or after them failed. */
  readonly outside: readonly string[];
}

export interface Run {
  readonly files: readonly FileResult[];
  /** Errors that no test was there to catch; of no file. */
  readonly strays: readonly string[];
  readonly exitCode: number;
}

export interface Verdict {
  readonly passed: number;
  /** What failed, one line each, in the order of the files. */
  readonly failed: readonly string[];
  /** What failed beside all others, and passed by itself. */
  readonly unsteady: readonly string[];
}

/** More than these have not failed by accident. */
const most = 5;

/**
 * The live test files that failed: they speak and listen in real time, and a stall of the machine may fail one. A unit test has no such
 * excuse.
 */
export function filesToRepeat({ files }: Run): readonly string[] {
  const failed = files.filter((result) => result.project === 'live' && failuresOf(result).length > 0);
  return failed.length > most ? [] : failed.map(({ file }) => file);
}

/** What stands in the end: for a file that was run again, the second time. */
export function judge(first: Run, second: Run | null): Verdict {
  const final = first.files.map((result) => second?.files.find(({ file }) => file === result.file) ?? result);
  const failed = [...final.flatMap(failuresOf), ...first.strays, ...(second?.strays ?? [])];
  const missing = [first, second].flatMap((run) => (run === null ? [] : unexplained(run)));
  const unsteady = first.files.flatMap(failuresOf).filter((what) => !failed.includes(what));
  const passed = final.flatMap(({ tests }) => tests).filter(({ state }) => state === 'passed').length;
  return { passed, failed: [...failed, ...missing], unsteady };
}

/** A file that failed as a whole counts as one. */
function failuresOf({ file, tests, outside }: FileResult): string[] {
  const failed = tests
    .filter(({ state }) => state === 'failed' || state === 'pending')
    .map(({ name }) => `${file} > ${name}`);
  return outside.length > 0 ? [...failed, `${file}, outside its tests`] : failed;
}

function unexplained({ files, strays, exitCode }: Run): string[] {
  if (exitCode === 0 || strays.length > 0 || files.some((result) => failuresOf(result).length > 0)) return [];
  return [`vitest ended with exit code ${exitCode}, though no test failed`];
}
