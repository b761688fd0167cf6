import { describe, expect, test } from 'vitest';
import { type FileResult, filesToRepeat, judge, type Run } from '../../../scripts/ci/results.ts';

/** What .ci/run makes of one run of the tests, or two. */

type States = Readonly<Record<string, 'passed' | 'failed' | 'skipped' | 'pending'>>;

function file(name: string, states: States, outside: readonly string[] = []): FileResult {
  const tests = Object.entries(states).map(([name, state]) => ({ name, state }));
  return { file: `test/${name}.test.ts`, project: name.startsWith('live/') ? 'live' : 'fast', tests, outside };
}

function run(files: readonly FileResult[], more: Partial<Run> = {}): Run {
  const failed = files.some(
    ({ tests, outside }) => outside.length > 0 || tests.some(({ state }) => state === 'failed'),
  );
  return { files, strays: [], exitCode: failed ? 1 : 0, ...more };
}

const unit = file('core/sum', { adds: 'passed', carries: 'passed' });
const calls = (states: States) => file('live/calls', states);

describe('which files are run once more', () => {
  test('none where all passed', () => {
    expect(filesToRepeat(run([unit, calls({ rings: 'passed' })]))).toEqual([]);
  });
  test('a live file with a failed test, one that could not be loaded, one that never came to its end', () => {
    const failed = calls({ rings: 'passed', talks: 'failed' });
    const unloaded = file('live/load', {}, ['no such module']);
    const unfinished = file('live/long', { waits: 'pending' });
    expect(filesToRepeat(run([unit, failed, file('live/ok', { a: 'passed' }), unloaded, unfinished]))).toEqual([
      'test/live/calls.test.ts',
      'test/live/load.test.ts',
      'test/live/long.test.ts',
    ]);
  });
  test('no unit test', () => {
    expect(filesToRepeat(run([file('core/sum', { adds: 'failed' })]))).toEqual([]);
  });
  test('none where so many failed that it is no accident', () => {
    const failed = (name: string) => file(`live/${name}`, { rings: 'failed' });
    expect(filesToRepeat(run(['a', 'b', 'c', 'd', 'e'].map(failed)))).toHaveLength(5);
    expect(filesToRepeat(run(['a', 'b', 'c', 'd', 'e', 'f'].map(failed)))).toEqual([]);
  });
});

describe('the verdict', () => {
  test('all passed at once; what was skipped is not counted', () => {
    const first = run([unit, calls({ rings: 'passed', sings: 'skipped' })]);
    expect(judge(first, null)).toEqual({ passed: 3, failed: [], unsteady: [] });
  });
  test('failed first and passed alone: passed, and named', () => {
    const first = run([unit, calls({ rings: 'failed', talks: 'passed' })]);
    const second = run([calls({ rings: 'passed', talks: 'passed' })]);
    expect(judge(first, second)).toEqual({ passed: 4, failed: [], unsteady: ['test/live/calls.test.ts > rings'] });
  });
  test('failed both times', () => {
    const failing = run([calls({ rings: 'failed', talks: 'passed' })]);
    expect(judge(failing, failing)).toEqual({ passed: 1, failed: ['test/live/calls.test.ts > rings'], unsteady: [] });
  });
  test('another failed alone: that stands', () => {
    const first = run([calls({ rings: 'failed', talks: 'passed' })]);
    const second = run([calls({ rings: 'passed', talks: 'failed' })]);
    expect(judge(first, second)).toEqual({
      passed: 1,
      failed: ['test/live/calls.test.ts > talks'],
      unsteady: ['test/live/calls.test.ts > rings'],
    });
  });
  test('a file that could not be loaded is one failure, and passes when it could be the second time', () => {
    const unloaded = run([unit, file('live/calls', {}, ['Redis did not start'])]);
    const failed = ['test/live/calls.test.ts, outside its tests'];
    expect(judge(unloaded, unloaded)).toEqual({ passed: 2, failed, unsteady: [] });
    const loaded = run([calls({ rings: 'passed' })]);
    expect(judge(unloaded, loaded)).toEqual({ passed: 3, failed: [], unsteady: failed });
  });
  test('a second run that did not get to the file changes nothing', () => {
    const first = run([calls({ rings: 'failed' })]);
    expect(judge(first, run([], { exitCode: 1 })).failed).toContain('test/live/calls.test.ts > rings');
    expect(judge(first, null).failed).toEqual(['test/live/calls.test.ts > rings']);
  });
  test('an error that no test caught fails a run whose failed tests passed alone', () => {
    const first = run([calls({ rings: 'failed' })], { strays: ['socket hang up'] });
    expect(judge(first, run([calls({ rings: 'passed' })])).failed).toEqual(['socket hang up']);
  });
  test('an exit code that nothing explains is a failure', () => {
    expect(judge(run([unit], { exitCode: 7 }), null).failed).toEqual([
      'vitest ended with exit code 7, though no test failed',
    ]);
  });
});
