import type { TObject } from 'typebox';
import { expect, test, vi } from 'vitest';
import type { ApplicationFault, AttemptOutcome } from '#downstream/faults/application-fault.ts';
import { haltProcess } from '#downstream/faults/attempts.ts';
import { ApplicationFaultOptions, applicationFaults } from '#downstream/faults/config.ts';
import { parser } from '#kit/schema/parser.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

const parse = parser(ApplicationFaultOptions);
const effectOf = (options: object) => {
  const fault = parse(options);
  const kind = applicationFaults[fault.kind] as unknown as ApplicationFault<TObject>;
  return kind.create(fault, new VirtualClock(), haltProcess);
};
const outcomeOf = (options: object, outcome: AttemptOutcome, draw = 0.5, id = 'r1') =>
  effectOf(options).outcome!(outcome, () => draw, id);

const fine = { latencyMs: 20, failed: false };
const failing = { latencyMs: 20, failed: true };

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
  expect(outcomeOf(options, before)).toEqual({ ...before, ...change });
});

test('brownout lets what is in flight weigh more', () => {
  expect(effectOf({ kind: 'brownout', capacityFactor: 0.2 }).inFlight!(10)).toBe(50);
});

test('freeze stops the event loop for as long as its lease, once the request for it has been answered', async () => {
  using wait = vi.spyOn(Atomics, 'wait');
  const startedAtMs = performance.now();
  effectOf({ kind: 'freeze' }).begin!(50);
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
