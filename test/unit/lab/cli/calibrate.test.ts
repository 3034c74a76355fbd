import { expect, test } from 'vitest';
import { textOf, wantedOf } from '#lab/cli/calibrate.ts';
import { type ExperimentFile, parseExperiment } from '#lab/experiment/read.ts';
import { experimentText } from '#test/fixtures/experiment.ts';
import { makeResult } from '#test/fixtures/result.ts';

/** Returns an experiment whose `capacity` has this timeout; without a timeout, an experiment without `capacity`. */
function fileOf(timeoutMs?: number): ExperimentFile {
  const capacity =
    timeoutMs === undefined ? [] : [`capacity: { nominalPerSecond: 200, timeoutMs: ${timeoutMs} }`];
  const source = experimentText({}, ...capacity);
  return { name: 'x', file: 'x.yaml', source, experiment: parseExperiment(source, 'x.yaml') };
}

test.each<[string, ExperimentFile, number | undefined, ReturnType<typeof wantedOf>]>([
  ['of the file', fileOf(60), undefined, { timeoutMs: 60, nominalPerSecond: 200 }],
  ['of the flag instead', fileOf(60), 50, { timeoutMs: 50, nominalPerSecond: 200 }],
  ['of the flag alone', fileOf(), 50, { timeoutMs: 50, nominalPerSecond: 100 }],
])('calibrate measures under the timeout %s', (_whose, file, timeout, expected) => {
  expect(wantedOf(file, { out: '', ...(timeout !== undefined && { timeout }) })).toEqual(expected);
});

test('calibrate refuses a file without a capacity, if no flag names a timeout', () => {
  expect(() => wantedOf(fileOf(), { out: '' })).toThrow(
    'x.yaml: expected capacity: { nominalPerSecond, timeoutMs } in the experiment, or --timeout <ms>',
  );
});

/** Returns the text that is printed for a capacity measured with a timeout of 50 ms. The checks `failed` failed. */
function shown(file: ExperimentFile, ...failed: string[]): string {
  const [check] = makeResult().validity;
  const capacity = { nominalPerSecond: 200, timeoutMs: 50, perSecond: 192.6, low: 190, high: 195.2 };
  const validity = failed.map((name) => ({ ...check!, name, ok: false }));
  return textOf({ capacity, errors: [], validity }, 'x.yaml', file.experiment);
}

test('calibrate under the timeout of the file prints the command that runs it with the capacity', () => {
  expect(shown(fileOf(50))).toMatch(
    /^capacity under 50 ms: 193\/s \(190\/s to 195\/s\), .*\nRun with it: \S+spillway run x\.yaml --capacity 193\n$/,
  );
});

test.each([60, undefined])('calibrate under another timeout than %s prints what it needs', (timeoutMs) => {
  expect(shown(fileOf(timeoutMs))).toBe(
    'capacity under 50 ms: 193/s (190/s to 195/s)\nFor loads relative to it: capacity: { nominalPerSecond: 193, timeoutMs: 50 } in the experiment\n',
  );
});

test.each([
  [
    'unsent requests',
    "The generator's connections limited the rate, so this is not the capacity of the dependency.",
  ],
  ['send lag p99', 'Its measurement was invalid, so the capacity may be wrong.'],
])('calibrate gives no capacity to use if the check failed: %s', (name, doubt) => {
  for (const [file, described] of [
    [fileOf(50), /^capacity under 50 ms: .* assumed in the file$/],
    [fileOf(), /^capacity under 50 ms: /],
  ] as const) {
    const [capacity, ...rest] = shown(file, name).trimEnd().split('\n').slice(-2);
    expect(capacity).toMatch(described);
    expect(rest).toEqual([doubt]);
  }
});
