import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { ExperimentError, parseExperiment } from '#lab/experiment/read.ts';
import { experimentText } from '#test/fixtures/experiment.ts';

const texts = [
  experimentText(),
  ...['01-burst', '02-baseline'].map((name) =>
    readFileSync(fileURLToPath(new URL(`../../../../experiments/${name}.yaml`, import.meta.url)), 'utf8'),
  ),
];

/** Expects the text to be accepted, or to be refused with problems at positions that the text has. */
function expectAnswer(text: string): void {
  try {
    parseExperiment(text, 'x.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(ExperimentError);
    const { problems } = error as ExperimentError;
    expect(problems.length).toBeGreaterThan(0);
    const lines = text.split('\n');
    for (const problem of problems) {
      const [, line, column] = /^x\.yaml:(\d+):(\d+): \S/.exec(problem) ?? [];
      expect(Number(line), problem).toBeGreaterThanOrEqual(1);
      expect(Number(line), problem).toBeLessThanOrEqual(lines.length);
      expect(Number(column), problem).toBeGreaterThanOrEqual(1);
      expect(Number(column), problem).toBeLessThanOrEqual((lines[Number(line) - 1]?.length ?? 0) + 1);
    }
  }
}

const scraps = [
  ...['null', '[]', '{}', '-1', '1e999', '.nan', '""', 'constructor', '__proto__', '*backoff', '*nothing'],
  ...['&a ', '!!set ', '? ', '- ', ': ', ', ', '#', "'", '"', '{', '}', '[', ']', '|', '>'],
  ...['\t', '\n', '\r', '\0', '---\n', '%YAML 1.1\n', 'é', '\ud800', '~1'],
  ...['<<: *retry', 'kind: replay', 'path: event', 'file: .', 'goodput(events-16, 1s) > 1'],
];
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat(40),
  insert: fc.oneof(fc.constantFrom(...scraps), fc.string()),
});

test.prop([fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 })], { numRuns: 60 })(
  'parseExperiment takes a damaged experiment or says where it is wrong',
  (text, edits) => {
    const damaged = edits.reduce((before, { at, remove, insert }) => {
      const from = Math.floor(at * before.length);
      return before.slice(0, from) + insert + before.slice(from + remove);
    }, text);
    expectAnswer(damaged);
  },
  30_000,
);

const names = 'title load variants faults hypothesis validity a/b~c __proto__ path kind'.split(' ');
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 0, -1, 1.5, 'rpc', 'event', 'kill', 'goodput(a) > 1', 'a: b'),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names, 'a', 'policies'), tie('any'), { maxKeys: 5 }),
  ),
})).any;

test.prop([value], { numRuns: 50 })(
  'parseExperiment takes any YAML value or says where it is wrong',
  (value) => {
    expectAnswer(stringify(value));
  },
);

/** Any code point. Fast-check has a generator for this, but takes half a second to create it. */
const character = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));

test.prop([fc.string({ unit: character })], { numRuns: 50 })(
  'parseExperiment takes any text or says where it is wrong',
  expectAnswer,
);
