import { InvalidArgumentError } from '@commander-js/extra-typings';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { answerLines, askMissing, numbersIn } from '#lab/cli/own-numbers.ts';
import { readSource } from '#lab/experiment/read.ts';
import { contradictionIn, type OwnAnswer, ownExperiment } from '#lab/explore/own-numbers.ts';
import { longestMs } from '#policies/pipeline.ts';

const pay = { p50: 40, p99: 200, concurrent: 120, rate: 600, retries: 3, timeout: 250 };
const least = { p50: 0.01, p99: 0.01, concurrent: 1, rate: 0.1, retries: 0, timeout: 1 };
const most = { p50: 60_000, p99: 60_000, concurrent: 1000, rate: 10, retries: 20, timeout: 60_000 };

const read = (source: string) => readSource({ name: 'own', file: 'own.yaml', source }).file.experiment;

test('numbersIn reads numbers in any order, with spaces', () => {
  expect(numbersIn('p99=200, p50=40')).toEqual({ p50: 40, p99: 200 });
  expect(numbersIn('retries=0,concurrent=1000')).toEqual({ retries: 0, concurrent: 1000 });
});

test.each([
  ['p50=1,concurent=6', 'expected NAME=NUMBER, got concurent=6: did you mean concurrent?'],
  ['40', 'expected NAME=NUMBER, got 40: expected one of p50, p99, '],
  [
    'p50=',
    'expected p50, the median latency of the dependency in ms, at low load, as a number without unit from',
  ],
  ['p99=2,p50=40ms', 'to 60000, got p50=40ms'],
  ['timeout=0', 'expected timeout, the timeout of each try in ms, as a number without unit from 1 to 60000'],
  ['concurrent=1001', 'as a whole number without unit from 1 to 1000'],
  ['concurrent=0x10', 'as a whole number without unit from 1 to 1000'],
  ['p50=40=9', 'got p50=40=9'],
  ['p50=40,p50=50', 'expected p50 once'],
  ['retries=1.5', 'as a whole number without unit from 0 to 20'],
  ['rate=many', 'expected rate, the usual rate'],
])('numbersIn refuses %s', (text, message) => {
  expect(() => numbersIn(text)).toThrow(InvalidArgumentError);
  expect(() => numbersIn(text)).toThrow(message);
});

test('askMissing names the missing numbers where no terminal can be asked', async () => {
  expect(await askMissing(pay)).toEqual(pay);
  const { rate: _, ...others } = pay;
  await expect(askMissing(others)).rejects.toThrow(
    /^--from lacks rate \(usual rate in requests per second\)$/,
  );
});

describe('contradictionIn', () => {
  test.each([
    ['none', {}, undefined],
    ['p99 below p50', { p99: 39 }, 'p99=39 is below p50=40: expected at least p50'],
    [
      'a rate above the possible one',
      { rate: 2400 },
      /^rate=2400 is more than 120 at a time can do: .* at most 2,3[56]\d complete per second; expected .* or concurrent=12\d$/,
    ],
    ['a rate that is possible', { rate: 2300 }, undefined],
    ['too many requests', { p50: 1, p99: 1, rate: 19_000 }, /at most 15625$/],
  ])('%s', (_, change, expected) => {
    const problem = contradictionIn({ ...pay, ...change });
    if (expected === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatch(expected);
  });

  test('the concurrency that would fit does fit', () => {
    const problem = contradictionIn({ ...pay, rate: 2400 })!;
    const concurrent = Number(/concurrent=(\d+)/.exec(problem)![1]);
    expect(contradictionIn({ ...pay, rate: 2400, concurrent })).toBeUndefined();
  });
});

test.each([
  ['of the question', pay],
  ['that are the least', least],
  ['that are the most', most],
])(
  'ownExperiment of numbers %s is valid under each assumption, with a deadline after the longest wait',
  (_, numbers) => {
    for (const name of ['queues', 'refuses', 'slows down', 'cancels'] as const) {
      const { deadlineMs, variants, load } = read(ownExperiment(numbers, name));
      for (const { policies } of Object.values(variants))
        expect(longestMs(policies)).toBeLessThanOrEqual(deadlineMs);
      const last = load.at(-1)!.arrivals as { forMs: number };
      expect(last.forMs).toBeGreaterThanOrEqual(3 * deadlineMs);
      expect(Object.keys(variants)).toEqual(
        numbers.retries > 0 ? ['yours', 'budget', 'bulkhead'] : ['yours', 'bulkhead'],
      );
    }
  },
);

test('ownExperiment has the other assumptions as comments, which are valid instead', () => {
  const text = ownExperiment(pay);
  expect(text).not.toMatch(/^.*model:.{95}/m);
  const others = text
    .split(/^ {2}# Or: .*\n/m)
    .slice(1)
    .map((part) => part.split('\n\n')[0]!.replaceAll(/^ {2}# /gm, '  '));
  const models = others.map((lines) => parse(`downstream:\n${lines}`) as { downstream: object });
  const own = parse(text) as object;
  expect(models.map((other) => read(JSON.stringify({ ...own, ...other })).downstream)).toEqual(
    (['refuses', 'slows down', 'cancels'] as const).map((name) => read(ownExperiment(pay, name)).downstream),
  );
});

test('answerLines say what each assumption leads to, and which variant is the best under it', () => {
  const answer = (
    assumption: string,
    variant: string,
    spike: number,
    backAfterMs: number | null,
    { before = 1, isStuck = backAfterMs === null } = {},
  ): OwnAnswer => ({
    ...{ assumption, variant, before, spike, goodput: spike, backAfterMs, isStuck },
  });
  const lines = answerLines([
    answer('queues', 'yours', 0.1, null),
    answer('queues', 'bulkhead', 0.8, 0),
    answer('refuses', 'yours', 0.805, 1500),
    answer('refuses', 'bulkhead', 0.8, 0),
    answer('half', 'yours', 0.95, 0),
    answer('half', 'bulkhead', 0.93, 0),
  ]).map((line) => line.replaceAll(/[\u00a0 ]+/g, ' '));
  expect(lines).toEqual([
    ' yours bulkhead',
    'queues 10.0 %, stays down 80 %, back at once'.replace('10.0', '10'),
    'refuses 81 %, back in 1.5 s 80 %, back at once',
    'half 95.0 % 93.0 %, back at once'.replaceAll('.0', ''),
    '',
    'The assumption decides: yours stays down (queues); comes back (refuses); stays up (half).',
    'Best: bulkhead (queues); all alike (refuses); yours (half).',
    expect.stringContaining('docs/how-to/own-numbers.md'),
  ]);
  const cut = answerLines([answer('queues', 'yours', 0.1, null, { before: 0.4 })]).map((line) =>
    line.replaceAll('\u00a0', ' '),
  );
  expect(cut[1]).toBe('queues  10 %, 40 % before');
  expect(cut.at(-3)).toBe('The same for all: yours fails before the spike, too (queues).');
  expect(answerLines([answer('queues', 'yours', 0.1, null)]).at(-3)).toBe(
    'The same for all: yours stays down (queues).',
  );
  expect(answerLines([answer('queues', 'yours', 0.1, null, { isStuck: false })]).at(-3)).toBe(
    'The same for all: yours recovers slowly (queues).',
  );
});

test.each([
  ['until what the spike left is done', { p50: 12, p99: 90, concurrent: 20, rate: 300, retries: 2 }, 148],
  ['for ten seconds if that is never done', {}, 10],
  ['for five minutes at most', { rate: 540 }, 300],
])('ownExperiment lets the load go on %s', (_, change, seconds) => {
  const { load } = read(ownExperiment({ ...pay, timeout: 100, ...change }));
  expect(load.at(-1)!.arrivals).toMatchObject({ forMs: seconds * 1000 });
});

test('answerLines say that an answer is not known if its simulation has no figures', () => {
  const none = {
    before: Number.NaN,
    spike: Number.NaN,
    goodput: Number.NaN,
    backAfterMs: null,
    isStuck: false,
  };
  const text = answerLines([{ assumption: 'queues', variant: 'yours', ...none }]).join('\n');
  expect(text).toMatch(/not known.*yours is not known.*Best: not known/s);
  expect(text).not.toContain('NaN');
});
