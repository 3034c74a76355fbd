import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseExperiment, readEach, readExperiment } from '#lab/experiment/read.ts';
import {
  experimentText as edited,
  expectRefusal,
  experimentText,
  problemsOf,
} from '#test/fixtures/experiment.ts';
import { hostileFiles } from '#test/fixtures/hostile-files.ts';

const valid = edited();

describe('parseExperiment', () => {
  test('fills in every default', () => {
    const backoff = { kind: 'exponential', baseMs: 20, capMs: 400, jitter: 'full' };
    expect(parseExperiment(valid, 'x.yaml')).toMatchObject({
      description: '',
      seed: 1,
      downstream: {
        model: { kind: 'congestion', capacityRps: 250 },
        idempotent: true,
        abandonOnAbort: false,
      },
      variants: {
        direct: { description: '', policies: [{ retry: { maxRetries: 3, backoff } }, {}] },
        queued: {
          consumer: { concurrency: 16, redelivery: { maxRetries: 3, backoff }, ackWaitMs: 30_000 },
          stream: { maxPending: 5000 },
          policies: [],
        },
      },
      faults: [],
      hypothesis: [],
      validity: {},
      warmup: { requests: 1000, concurrency: 200 },
      connections: 2048,
      drainMs: 10_000,
    });
  });

  test('keeps variants in the order of the file', () => {
    const text = edited({ 7: '  9-b: { path: rpc }\n  queued: { path: event }\n  a-2: { path: rpc }' });
    const names = Object.keys(parseExperiment(text, 'x.yaml').variants);
    expect(names).toEqual(['direct', '9-b', 'queued', 'a-2']);
  });

  test('says where YAML is broken', () => {
    expectRefusal(edited({ 2: '¦title: x' }), ['expected each name once, got "title" again']);
  });

  test('reports no more than anyone would read', () => {
    const text = edited({}, ...Array.from({ length: 55 }, (_, i) => `x${i}x: 1`));
    const problems = problemsOf(() => parseExperiment(text, 'x.yaml'));
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)).toBe('x.yaml: … and 5 more problems');
  });
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: string | Buffer) => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

describe('readExperiment', () => {
  const refused = (file: string) => problemsOf(() => readExperiment(file));

  test('gives the experiment, its name and its text', () => {
    const file = write('07-a.test.yaml', valid);
    const experiment = parseExperiment(valid, file);
    expect(readExperiment(file)).toEqual({ experiment, name: '07-a.test', file, source: valid });
  });

  test('takes a text with a byte order mark and CRLF for what it is', () => {
    const text = `\ufeff${valid.replaceAll('\n', '\r\n')}`;
    const { experiment } = readExperiment(write('crlf.yaml', text));
    expect(experiment).toEqual(parseExperiment(valid, 'x.yaml'));
    const broken = write('broken.yaml', text.replace('queued', 'Queued'));
    expect(refused(broken)[0]).toMatch(`${broken}:7:3: variants.Queued: expected a name`);
  });

  test('refuses what is no text of a sensible size', () => {
    const missing = join(folder, 'missing.yaml');
    const latin = write('latin.yaml', Buffer.from([0x74, 0xe9]));
    const large = write('large.yaml', `#${'x'.repeat(250_000)}`);
    expect(refused(missing)).toEqual([`${missing}: no such file or folder`]);
    expect(refused(join(missing, 'x.yaml'))).toEqual([`${join(missing, 'x.yaml')}: no such file or folder`]);
    expect(refused(folder)).toEqual([`${folder}: expected a file, got a folder: name its files`]);
    expect(refused('/dev/null')).toEqual(['/dev/null: expected a regular file']);
    expect(refused(latin)).toEqual([`${latin}: expected text in UTF-8`]);
    expect(refused(large)).toEqual([`${large}: expected at most 250000 bytes, got 250001`]);
    expect(refused(join(latin, 'x.yaml'))[0]).toMatch(/x\.yaml: it is a file, or below one$/);
  });

  test.each(['...yaml', '..yaml', '.yaml', '.hidden.yaml', 'a\u001b.yaml'])(
    'refuses a name that is unfit for the folder of its runs: %j',
    (name) => {
      const file = write(name, valid);
      expect(refused(file)).toEqual([
        `${file}: expected a file whose name begins with no dot and holds no control character, since a folder is named after it`,
      ]);
    },
  );
});

test('readEach reads all, each with its own seed unless one is given', () => {
  const files = [write('a.yaml', experimentText()), write('b.yaml', experimentText({}, 'seed: 5'))];
  expect(readEach(files).files.map(({ name, experiment }) => [name, experiment.seed])).toEqual([
    ['a', 1],
    ['b', 5],
  ]);
  expect(readEach(files, { instead: { seed: 0 } }).files.map(({ experiment }) => experiment.seed)).toEqual([
    0, 0,
  ]);
});

test('readEach checks an experiment with the seed that it is run with', () => {
  const text = (seed: number) =>
    experimentText({ 4: '  - arrivals: { kind: poisson, ratePerSecond: 1, forMs: 1000 }' }, `seed: ${seed}`);
  const [none, some] = [write('none.yaml', text(3)), write('some.yaml', text(1))];
  expect(readEach([none], { instead: { seed: 1 } }).problems).toEqual([]);
  expect(readEach([some], { instead: { seed: 3 } }).problems).toEqual([
    `${some}:4:3: load: expected at least one request, got none`,
  ]);
});

test('readEach names the problems of all files at once', () => {
  const files = [write('c.yaml', ''), write('d.yaml', experimentText()), join(folder, 'missing.yaml')];
  const { problems } = readEach(files);
  expect(problems.map((problem) => problem.slice(folder.length + 1).split(': ')[0])).toEqual([
    'c.yaml:1:1',
    'missing.yaml',
  ]);
});

/** Hostile files. Those that nest one level every few characters are smaller, since their time is quadratic. */
const nested = ['colons', 'question marks', 'lists in lists', 'closed lists in lists', 'unclosed braces'];
const hostile = {
  ...hostileFiles(7000),
  ...Object.fromEntries(Object.entries(hostileFiles(1000)).filter(([name]) => nested.includes(name))),
};

test.each(Object.entries(hostile))('parseExperiment refuses in a page: %s', (_shape, text) => {
  const problems = problemsOf(() => parseExperiment(text, 'x.yaml'));
  expect(problems).not.toEqual([]);
  expect(problems.length).toBeLessThanOrEqual(51);
  for (const problem of problems) expect(problem.length).toBeLessThanOrEqual(650);
});
