import { expect, test, vi } from 'vitest';
import { createHarm, FaultOptions } from '#downstream/faults/config.ts';
import type { Course } from '#downstream/faults/kind.ts';
import { parser } from '#kit/schema/schema.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

const parse = parser(FaultOptions);
const harmOf = (options: object) => createHarm(parse(options), new VirtualClock());
const courseOf = (options: object, course: Course, draw = 0.5, id = 'r1') =>
  harmOf(options).course!(course, () => draw, id);

const fine = { latencyMs: 20, failed: false };
const failing = { latencyMs: 20, failed: true };
const lognormal = { kind: 'lognormal', medianMs: 100, sigma: 1 };

test.each([
  ['latency, fixed', { kind: 'latency', added: { kind: 'fixed', ms: 100 } }, fine, { latencyMs: 120 }],
  [
    'latency, uniform',
    { kind: 'latency', added: { kind: 'uniform', minMs: 10, maxMs: 30 } },
    fine,
    { latencyMs: 40 },
  ],
  ['failure', { kind: 'failure', status: 503 }, fine, { failed: true, status: 503 }],
  ['failure of the usual status', { kind: 'failure' }, fine, { failed: true, status: 500 }],
  ['poison of one chosen', { kind: 'poison', ids: ['r1'] }, fine, { failed: true, status: 500 }],
  ['poison of another', { kind: 'poison', ids: ['r2'] }, fine, {}],
  ['slow errors, of what fails', { kind: 'slow-errors', ms: 100 }, failing, { latencyMs: 120 }],
  ['slow errors, of what does not', { kind: 'slow-errors', ms: 100 }, fine, {}],
])('%s', (_sentence, options, before, change) => {
  expect(courseOf(options, before)).toEqual({ ...before, ...change });
});

test('latency, lognormal has the median and the spread that it is given', () => {
  const draws = Array.from({ length: 200 }, (_, i) => (i + 0.5) / 200);
  const added = draws
    .flatMap((u) =>
      draws.map((v) => {
        const draw = (purpose: string) => (purpose === 'added' ? u : v);
        return harmOf({ kind: 'latency', added: lognormal }).course!(fine, draw, 'r1').latencyMs - 20;
      }),
    )
    .toSorted((a, b) => a - b);
  const at = (share: number) => added[Math.floor(added.length * share)]!;
  expect(at(0.5) / 100).toBeCloseTo(1, 1);
  expect(Math.log(at(0.841) / at(0.5))).toBeCloseTo(1, 1); // one sigma above
});

test('latency, lognormal never takes longer than an hour', () => {
  const deep = { kind: 'lognormal', medianMs: 3_600_000, sigma: 5 };
  expect(courseOf({ kind: 'latency', added: deep }, fine, 0).latencyMs).toBe(20 + 3_600_000);
  expect(courseOf({ kind: 'latency', added: deep }, fine, 0.999).latencyMs).toBe(20 + 3_600_000);
});

test('brownout lets what is in flight weigh more', () => {
  expect(harmOf({ kind: 'brownout', capacityFactor: 0.2 }).inFlight!(10)).toBe(50);
});

test('freeze stops the event loop for as long as it is told, once whoever told it has been answered', async () => {
  using wait = vi.spyOn(Atomics, 'wait');
  const startedAtMs = performance.now();
  harmOf({ kind: 'freeze' }).begin!(50);
  expect(wait).not.toHaveBeenCalled();
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(50);
});

test.each([
  [{ kind: 'earthquake' }, '/kind'],
  [{ kind: 'failure', status: 200 }, '/status'],
  [{ kind: 'failure', ratio: 0 }, '/ratio'],
  [{ kind: 'brownout', capacityFactor: 0 }, '/capacityFactor'],
  [{ kind: 'poison', ids: [] }, '/ids'],
])('%j is refused, and says where', (options, pointer) => {
  expect(() => parse(options)).toThrow(pointer);
});
