import { readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { isName } from '#kit/schema/schema.ts';
import { parseExperiment, readExperiment, warningsOf } from '#lab/experiment/read.ts';
import { slowed } from '#lab/experiment/scaled.ts';
import { Experiment } from '#lab/experiment/schema.ts';
import { durationMs, schedule } from '#load/phases.ts';
import { experimentText, problemsOf } from '#test/fixtures/experiment.ts';

const source = (fields = '') => `
title: x
deadlineMs: 2000
${fields}
load:
  - { arrivals: { kind: poisson, ratePerSecond: 40, forMs: 3000 } }
  - { arrivals: { kind: replay, atMs: [20, 600] } }
  - { arrivals: { kind: bursts, total: 100, size: 50, everyMs: 80, spreadMs: 20 } }
downstream: { model: { kind: congestion, capacityRps: 250, baseLatencyMs: 8 } }
faults: [{ name: narrow, atMs: 100, forMs: 500, target: 'gateway->downstream', fault: { kind: bandwidth, kilobytesPerSecond: 10 } }]
hypothesis: [p99(calls) < 500ms]
variants:
  calls:
    path: rpc
    policies:
      - retry: { backoff: { kind: exponential, baseMs: 20, capMs: 400 }, budget: { kind: finagle } }
      - breaker: { window: { kind: time, ms: 1000 }, failureRatio: 0.5, openMs: 500, halfOpen: { kind: trial, maxWaitMs: 700 } }
      - bulkhead: { concurrency: 40, queue: 7, queueTimeoutMs: 30 }
      - timeout: { ms: 120 }
`;
const experiment = parseExperiment(source(), 'x.yaml');
const slow = slowed(experiment, 4);

test('slowed multiplies durations, divides rates, and leaves counts and hypotheses', () => {
  expect(slow).toMatchObject({
    deadlineMs: 8000,
    drainMs: 40_000,
    downstream: { model: { capacityRps: 250, baseLatencyMs: 32, failureRatio: 0.05 } },
    faults: [{ atMs: 400, forMs: 2000, fault: { kilobytesPerSecond: 2.5 } }],
    hypothesis: ['p99(calls) < 500ms'],
  });
  expect(slow.variants.calls).toMatchObject({
    policies: [
      {
        retry: {
          maxRetries: 3,
          backoff: { baseMs: 80, capMs: 1600 },
          budget: { ttlMs: 40_000, minPerSecond: 2.5, ratio: 0.2 },
        },
      },
      { breaker: { window: { ms: 4000 }, openMs: 2000, halfOpen: { calls: 1, maxWaitMs: 2800 } } },
      { bulkhead: { concurrency: 40, queue: 7, queueTimeoutMs: 120 } },
      { timeout: { ms: 480 } },
    ],
  });
});

type Field = readonly [path: string, schema: Readonly<Record<string, unknown>>];

/** Returns a schema and all schemas within it, with their paths. Entries of lists and maps have the name *. */
function fieldsIn([path, schema]: Field): Field[] {
  const { properties = {}, items, additionalProperties, oneOf = [], allOf = [], then } = schema;
  const parts = [
    ...Object.entries(properties as object).map(([name, part]) => [`${path}/${name}`, part] as const),
    ...[items, additionalProperties].map((part) => [`${path}/*`, part] as const),
    ...[oneOf, allOf, then].flat().map((part) => [path, part] as const),
  ].filter((part): part is Field => typeof part[1] === 'object' && part[1] !== null);
  return [[path, schema], ...parts.flatMap(fieldsIn)];
}

const fields = fieldsIn(['', { ...Experiment }]);
const isMap = ([, { additionalProperties }]: Field) => typeof additionalProperties === 'object';
const lastOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

test('only variants, classes and headers have names of the file', () => {
  const paths = [...new Set(fields.filter(isMap).map(([path]) => path))];
  expect(paths.toSorted()).toEqual([
    '/classes',
    '/request/headers',
    '/variants',
    '/variants/*/request/headers',
  ]);
});

test('slowed takes the name of a variant or a class for no field', () => {
  const { calls } = experiment.variants;
  const isTaken = (name: string) => {
    const { variants, classes } = slowed(
      { ...experiment, variants: { [name]: calls! }, classes: { [name]: 2 } },
      4,
    );
    return classes[name] !== 2 || !isDeepStrictEqual(variants[name], slow.variants.calls);
  };
  const names = [...new Set(fields.map(([path]) => lastOf(path)))].filter(isName);
  expect(names).toContain('recovery');
  expect(names.filter(isTaken)).toEqual([]);
});

test('slowed leaves the rules for results', () => {
  const rules = 'recovery: { overMs: 700 }\nvalidity: { stallMs: 60, reason: a test }';
  expect(slowed(parseExperiment(source(rules), 'x.yaml'), 4)).toMatchObject({
    recovery: { overMs: 700 },
    validity: { stallMs: 60 },
  });
});

test('slowed keeps every request, four times later', () => {
  const plan = [...schedule(experiment.load, 7)];
  const late = [...schedule(slow.load, 7)];
  expect(late).toHaveLength(plan.length);
  for (const [index, { scheduledAtMs }] of plan.entries())
    expect(late[index]!.scheduledAtMs).toBeCloseTo(4 * scheduledAtMs, 6);
  expect(durationMs(slow.load)).toBe(4 * durationMs(experiment.load));
});

test('slowed by 1 is the experiment itself', () => {
  expect(slowed(experiment, 1)).toBe(experiment);
});

const folder = new URL('../../../../experiments/', import.meta.url).pathname;

test.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s can be slowed by 8', (name) => {
  expect(readExperiment(folder + name, { slowMotion: 8 }).experiment.slowMotion).toBe(8);
});

test.each([
  ['slowMotion: 0', 'slowMotion: expected a whole number from 1 to 100, or auto, got 0'],
  ['slowMotion: 101', 'slowMotion: expected a whole number from 1 to 100, or auto, got 101'],
  ['slowMotion: 1.5', 'slowMotion: expected a whole number from 1 to 100, or auto, got 1.5'],
  ['slowMotion: fast', 'slowMotion: expected a whole number from 1 to 100, or auto, got "fast"'],
  ['slowMotion: [2]', 'slowMotion: expected a whole number from 1 to 100, or auto, got '],
  ['slowMotion: 100', 'in slow motion of 100'],
])('%s is refused at its position', (field, message) => {
  const long = field.endsWith('100') ? `${field}\ndrainMs: 40000` : field;
  expect(() => parseExperiment(source(long), 'x.yaml')).toThrow(message);
});

test('a value that breaks several bounds is reported once', () => {
  expect(problemsOf(() => parseExperiment(source('slowMotion: 0.5'), 'x.yaml'))).toEqual([
    expect.stringContaining('slowMotion: expected a whole number from 1 to 100, or auto, got 0.5'),
  ]);
});

test.each(['rpc', 'event'])('the largest factor exceeds no limit by the defaults of path %s', (path) => {
  const text = `
title: x
deadlineMs: 100
slowMotion: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 1000 } }]
variants: { it: { path: ${path} } }
`;
  expect(parseExperiment(text, 'x.yaml').slowMotion).toBe(100);
});

test.each([
  ['slowMotion: 4', 1],
  ['slowMotion: auto', 0],
  ['slowMotion: 1', 0],
])(
  'warningsOf with %s gives %d warnings of redeliveries by the server, which slow motion does not slow',
  (field, count) => {
    const queued = '  queued: { path: event, consumer: { redelivery: { by: server } } }';
    const source = experimentText({ 6: '', 7: queued }, field);
    const experiment = parseExperiment(source, 'x.yaml');
    const warnings = warningsOf({ experiment, name: 'x', file: 'x.yaml', source });
    expect(warnings).toHaveLength(count);
    for (const each of warnings)
      expect(each).toMatch(/^x\.yaml:7:\d+: warning: .*redelivery\.by: slow motion/);
  },
);
