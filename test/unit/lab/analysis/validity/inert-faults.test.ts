import { expect, test } from 'vitest';
import type { ApplicationFaultOptions } from '#downstream/faults/config.ts';
import { inertFaults } from '#lab/analysis/validity/inert-faults.ts';
import type { ServiceProcess } from '#lab/topology/names.ts';
import { alone } from '#lab/topology/replicas.ts';

interface Given {
  readonly target?: 'downstream' | 'downstream-1';
  readonly fault?: ApplicationFaultOptions;
  readonly affected?: number | null;
  /** When each request was due. */
  readonly scheduledAtMs?: number;
  /** When each had its effect. */
  readonly effectsAtMs?: readonly number[];
  readonly restarted?: readonly ServiceProcess[];
}

const failure = { kind: 'failure', status: 500, ratio: 1 } as const;
const startedAtMs = -500;
const many = (count: number, atMs = 800) => new Array<number>(count).fill(atMs);

/** What is found of a fault that was in force from 0 to 1000 ms, of two replicas of downstream where one is its target. */
function found({
  target = 'downstream',
  fault = failure,
  affected = 0,
  scheduledAtMs = 0,
  effectsAtMs = many(10),
  restarted = [],
}: Given): string[] {
  const span = { fromMs: 0, untilMs: 1000 };
  const result = { name: 'f', target, done: 'failing', onPath: true, asked: span, took: span, affected };
  const injected = [
    {
      fault: { name: 'f', atMs: 0, forMs: 1000, target, fault },
      done: 'failing',
      beganAtMs: 0,
      endedAtMs: 1000,
    },
  ];
  const firstAtMs = Float64Array.from(effectsAtMs);
  const effects = {
    firstAtMs,
    total: 0,
    answeredAtMs: firstAtMs,
    distinct: 0,
    wasted: 0,
    belated: 0,
    belatedUntilMs: Number.NEGATIVE_INFINITY,
    strays: 0,
  };
  const replicas = { ...alone, downstream: target === 'downstream' ? 1 : 2 };
  const experiment = { classes: { all: 1, none: 1 }, seed: 1, replicas };
  const requests = { scheduledAtMs: new Float64Array(firstAtMs.length).fill(scheduledAtMs - startedAtMs) };
  const summary = { startedAtMs };
  return inertFaults(experiment, [result], { injected, effects, requests, summary, restarted });
}

test.each<[string, Given]>([
  ['effects of attempts that it is for', {}],
  [
    'twice as many effects, of which every other attempt is for it',
    { effectsAtMs: many(20), target: 'downstream-1' },
  ],
  [
    'more effects, where it strikes few of the attempts',
    { effectsAtMs: many(100), fault: { ...failure, ratio: 0.1 } },
  ],
  ['effects of its class', { fault: { ...failure, class: 'all' } }],
  ['a gateway that was restarted', { restarted: ['gateway'] }],
])('inertFaults names a fault that struck nobody beside %s', (_what, given) => {
  expect(found(given)).toEqual(['f']);
});

test.each<[string, Given]>([
  ['that struck somebody', { affected: 1 }],
  ['whose strikes nobody counts', { affected: null }],
  ['beside too few effects for luck to have done without', { effectsAtMs: many(9) }],
  ['of one in two, beside as many effects', { effectsAtMs: many(19), target: 'downstream-1' }],
  ['of few attempts, beside as many effects', { effectsAtMs: many(99), fault: { ...failure, ratio: 0.1 } }],
  ['beside effects of what was due before it', { scheduledAtMs: -1 }],
  ['beside effects after it', { effectsAtMs: many(10, 1000) }],
  ['beside effects of another class', { fault: { ...failure, class: 'none' } }],
  ['that strikes some by what they are', { fault: { kind: 'poison', ids: ['r0'], status: 500 } }],
  ['of a downstream that was restarted', { restarted: ['downstream-2'] }],
  ['beside requests without an effect', { effectsAtMs: many(10, Number.NaN) }],
])('inertFaults leaves out a fault %s', (_what, given) => {
  expect(found(given)).toEqual([]);
});
