import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import type { FileResult, Run } from './results.ts';

/** Writes what `results.ts` reads into the file that CLEARLINE_TEST_RESULTS names. */
export default class ResultsFile implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const { CLEARLINE_TEST_RESULTS: path } = process.env;
    if (path === undefined) throw new Error('CLEARLINE_TEST_RESULTS has to name a file for the results');
    const results: Omit<Run, 'exitCode'> = {
      files: modules.map(resultOf),
      strays: errors.map(({ message }) => message),
    };
    writeFileSync(path, JSON.stringify(results));
  }
}

function resultOf(module: TestModule): FileResult {
  const tests = [...module.children.allTests()].map((test) => ({ name: test.fullName, state: test.result().state }));
  const suites = [...module.children.allSuites()].flatMap((suite) => suite.errors());
  const errors = [...module.errors(), ...suites].map(({ message }) => message);
  const isUnfinished = module.state() === 'pending' || module.state() === 'queued';
  return {
    file: module.relativeModuleId,
    project: module.project.name,
    tests,
    outside: isUnfinished ? [...errors, 'it did not finish'] : errors,
  };
}
