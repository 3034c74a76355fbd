import { expect, test } from 'vitest';
import { fieldAt, withChanges } from '#lab/experiment/field.ts';
import { YamlSource } from '#lab/experiment/file/source.ts';
import { parseExperiment } from '#lab/experiment/read.ts';

const text = `title: Fields
deadlineMs: 1000
load:
  - { name: calm, arrivals: { kind: poisson, ratePerSecond: 50, forMs: 1000 } }
  - { name: swell, arrivals: { kind: ramp, fromPerSecond: 40, toPerSecond: 10, forMs: 1000 } }
variants:
  budget:
    path: rpc
    policies:
      - retry: { backoff: { kind: constant, delayMs: 5 } }
      - timeout: { ms: 250 }
  twice:
    path: rpc
    policies: [{ timeout: { ms: 250 } }, { retry: {} }, { timeout: { ms: 100 } }]
`;

const found = (path: string, source = text) =>
  fieldAt(path, new YamlSource(source).value, parseExperiment(source, 'fields.yaml'));
const changesOf = (path: string, value: number) => {
  const field = found(path);
  if (typeof field === 'string') throw new Error(field);
  return { original: field.original, changes: Object.fromEntries(field.changes(value)) };
};

test.each([
  ['deadlineMs', 1000, '/deadlineMs'],
  ['load[0].arrivals.ratePerSecond', 50, '/load/0/arrivals/ratePerSecond'],
  ['load.0.arrivals.ratePerSecond', 50, '/load/0/arrivals/ratePerSecond'],
  ['load.arrivals.ratePerSecond', 50, '/load/0/arrivals/ratePerSecond'], // only this phase has one
  ['variants.budget.policies.timeout.ms', 250, '/variants/budget/policies/1/timeout/ms'],
  ['variants.budget.policies.retry.maxRetries', 3, '/variants/budget/policies/0/retry/maxRetries'], // a default
  ['recovery.overMs', 5000, '/recovery/overMs'], // the text has no field recovery
])('fieldAt finds %s', (path, original, pointer) => {
  expect(changesOf(path, 7)).toEqual({ original, changes: { [pointer]: 7 } });
});

test('fieldAt scales all rates of the load with load*', () => {
  expect(changesOf('load*', 1.5)).toEqual({
    original: 1,
    changes: {
      '/load/0/arrivals/ratePerSecond': 75,
      '/load/1/arrivals/fromPerSecond': 60,
      '/load/1/arrivals/toPerSecond': 15,
    },
  });
  expect(changesOf('load*', 1).changes).toEqual({});
});

test.each([
  ['variants.bugdet.policies.retry.maxRetries', 'no field bugdet, did you mean budget?'],
  ['load[2].arrivals.forMs', 'expected an index from 0 to 1, got 2'],
  ['load.arrivals.forMs', 'expected an index, since [0], [1] have a field arrivals.forMs'],
  ['variants.twice.policies.timeout.ms', 'expected an index, since [0], [2] have a field timeout.ms'],
  ['variants.twice.policies.breaker.openMs', 'no entry has a field breaker, expected one of timeout, retry'],
  ['title.length', 'expected a path to a number, but this has no field length'],
  ['seed', "can't be varied: use --seeds"],
  ['slowMotion', "can't be varied: a simulation is never in slow motion"],
  ['load.length', 'no entry has a field length, expected one of name, arrivals'],
  ['..', 'expected a path, as in load[1].arrivals.ratePerSecond'],
])('fieldAt refuses %s', (path, message) => {
  expect(found(path)).toBe(message);
});

test('fieldAt refuses load* if a phase has no rate', () => {
  const replayed = text.replace(/arrivals: \{ kind: ramp.*?\}/, 'arrivals: { kind: replay, atMs: [1] }');
  const source = new YamlSource(replayed).value as { load: { arrivals: object }[] };
  const experiment = parseExperiment(text, 'fields.yaml');
  const load = [experiment.load[0]!, { ...experiment.load[1]!, arrivals: source.load[1]!.arrivals }];
  expect(fieldAt('load*', source, { ...experiment, load } as typeof experiment)).toBe(
    'load[1].arrivals have no rate to scale',
  );
});

test('withChanges changes a copy, in maps and lists, and creates missing maps', () => {
  const value = { list: [{ a: 1 }, { a: 2 }], map: { b: 3 } };
  const changes = new Map([
    ['/list/1/a', 20],
    ['/map/b', 30],
    ['/new/inner/c', 40],
  ]);
  expect(withChanges(value, changes)).toEqual({
    list: [{ a: 1 }, { a: 20 }],
    map: { b: 30 },
    new: { inner: { c: 40 } },
  });
  expect(value).toEqual({ list: [{ a: 1 }, { a: 2 }], map: { b: 3 } });
});
