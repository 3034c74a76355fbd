import { expect, test } from 'vitest';
import type { ApplicationFaultOptions } from '#downstream/faults/config.ts';
import type { Observation } from '#lab/analysis/observation/observation.ts';
import { adviceOnSlowness } from '#lab/analysis/validity/slow-machine.ts';
import { checkValidity, inertFaults } from '#lab/analysis/validity/validity.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { HypothesisResult, ValidityCheck, VariantResult } from '#lab/result/result.ts';
import type { ServiceProcess } from '#lab/topology/names.ts';
import { alone } from '#lab/topology/replicas.ts';
import type { FirstErrors } from '#load/protocol.ts';
import { measured } from '#test/fixtures/measured.ts';

const experiment = (faultKind: string) =>
  parseExperiment(
    `
title: x
deadlineMs: 1000
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: 2000 } }]
variants: { events-48: { path: event } }
faults: [{ name: f, atMs: 1100, forMs: 100, target: downstream, fault: { kind: ${faultKind} } }]
steadyState: ["goodput > 95%"]
`,
    'x.yaml',
  );

const ofAttempts = { name: 'f', target: 'downstream', fault: { kind: 'failure', ratio: 1 } };

/** The checks that fail for a variant and an observation that are fine but for what is given. */
function failing({
  loadAverage = 0,
  ...change
}: {
  loadAverage?: number;
  lagMs?: number;
  sleepMs?: number;
  unsent?: number;
  balanced?: boolean;
  injected?: number;
  meanSleepMs?: number;
  unfinishedWarmUp?: number;
  warmUpErrors?: FirstErrors;
  atWork?: number;
  faultKind?: string;
  faultMs?: number;
  goneMs?: number;
  faultForMs?: number;
  redrive?: { left: number; failure: string | null };
  goodputBefore?: number;
  unsteady?: HypothesisResult[];
  affected?: number;
  tamperings?: string[];
  incomplete?: string[];
  path?: VariantResult['path'];
  foreign?: string[];
}): ValidityCheck[] {
  const {
    lagMs = 0,
    sleepMs = 0,
    unsent = 0,
    balanced = true,
    injected = 1,
    meanSleepMs = 10,
    unfinishedWarmUp = 0,
    warmUpErrors = {},
    atWork = 0,
    faultKind = 'pause',
    faultMs = 0,
    goneMs = 0,
    faultForMs = 2000,
    redrive = { left: 0, failure: null },
    goodputBefore = 0.96,
    unsteady = [],
    affected = 1,
    tamperings = [],
    incomplete = [],
    path = measured.path,
    foreign = [],
  } = change;
  const asked = { fromMs: 100, untilMs: 200 };
  const check = { name: 'c', ok: balanced, witnesses: {}, note: '' };
  const variant = {
    ...measured,
    path,
    outcomes: { ...measured.outcomes, unsent },
    self: {
      ...measured.self,
      lag: { ...measured.self.lag, p99Ms: lagMs },
      sleepExcess: { ...measured.self.lag, p99Ms: sleepMs },
    },
    redrives: [{ atMs: 100, ratePerSecond: 10, took: asked, redriven: 1, ...redrive }],
    ledger: { balanced, checks: [check] },
    windows: [{ ...measured, name: '0..100ms', span: { fromMs: 0, untilMs: 100 }, goodput: goodputBefore }],
    faults: [
      {
        name: 'f',
        target: 'downstream',
        done: 'paused',
        onPath: true,
        asked: { fromMs: 100, untilMs: 100 + faultForMs },
        took: { fromMs: 100 + faultMs, untilMs: 100 + faultForMs + goneMs },
        affected,
      },
    ],
  };
  const observed = {
    summary: { startedAtMs: 0 },
    requests: { scheduledAtMs: new Float64Array(10).fill(50) },
    injected: new Array(injected).fill({ fault: ofAttempts, beganAtMs: 0, endedAtMs: 100 }),
    effects: { firstAtMs: new Float64Array(10).fill(60) },
    restarted: [],
    foreign,
    unsteady,
    tamperings,
    stalls: { all: [], incomplete },
    unfinishedWarmUp,
    warmUpErrors,
    atWork,
    deltas: {
      downstream: new Map([
        ['spillway_sleep_excess_seconds_count', 4],
        ['spillway_modelled_sleep_seconds_total', (4 * meanSleepMs) / 1000],
      ]),
    },
  } as unknown as Observation;
  return checkValidity(experiment(faultKind), variant, observed, { cpus: 2, loadAverage }).filter(
    ({ ok }) => !ok,
  );
}

test('checkValidity says why a warm-up failed and how to warm up less, and guesses nothing', () => {
  const refused = { reason: 'connect ECONNREFUSED', count: 2, firstAtMs: 0 };
  const [check] = failing({ unfinishedWarmUp: 2, warmUpErrors: { failed: [refused] } });
  expect(check?.finding).toContain('"connect ECONNREFUSED" 2×');
  expect(check?.remedy).toContain('`warmup: {');
  expect(check?.remedy).not.toContain('CPU');
});

test('checkValidity asks after a consumer of your own that completes no event of the warm-up', () => {
  const asked = 'Check that your consumer runs and pulls';
  const remedyOf = (change: object) => failing({ unfinishedWarmUp: 2, ...change })[0]?.remedy;
  expect(remedyOf({ path: 'event', foreign: ['consumer'] })).toMatch(asked);
  expect(remedyOf({ path: 'event', foreign: ['gateway'] })).not.toMatch(asked);
  expect(remedyOf({ path: 'rpc', foreign: ['consumer'] })).not.toMatch(asked);
});

test('checkValidity is content with a measurement at its limits', () => {
  expect(failing({ lagMs: 10, sleepMs: 10, faultMs: 1000, goneMs: 1000 })).toEqual([]);
  expect(failing({ sleepMs: 30, meanSleepMs: 300 })).toEqual([]);
  expect(failing({ faultMs: 250, faultForMs: 500 })).toEqual([]);
});

test.each(['kill', 'stop', 'crash-loop, everyMs: 100'])(
  'checkValidity leaves what was under %s its time to start',
  (faultKind) => {
    expect(failing({ faultKind, goneMs: 9000 })).toEqual([]);
    expect(failing({ faultKind, faultMs: 1001 }).map(({ name }) => name)).toEqual(['delay of faults']);
  },
);

test.each([
  ['a generator later than 1 % of the deadline', { lagMs: 10.1 }, 'send lag p99'],
  ['a fault that took hold more than a second late', { faultMs: 1001 }, 'delay of faults'],
  ['a fault of which less than a half was left', { faultMs: 251, faultForMs: 500 }, 'delay of faults'],
  ['a fault that was cleared more than a second late', { goneMs: 1001 }, 'delay of faults'],
  ['a request unsent', { unsent: 1 }, 'unsent requests'],
  ['a warm-up that came to no end', { unfinishedWarmUp: 1 }, 'warm-up requests without an end'],
  ['attempts without a waiting caller', { atWork: 1 }, 'attempts still at work'],
  [
    'a downstream that overslept by more than 10 ms, also where a fault halts it',
    { sleepMs: 10.1 },
    'sleep excess p99',
  ],
  ['or by more than 10 % of a long sleep', { sleepMs: 30.1, meanSleepMs: 300 }, 'sleep excess p99'],
  ['a change by hand', { tamperings: ['gateway has another seed than the lab set'] }, 'changes by hand'],
  ['a list of stalls that was full', { incomplete: ['gateway'] }, 'stalls not recorded'],
  ['a ledger that does not balance', { balanced: false }, 'ledger differences'],
  ['a fault that did not take', { injected: 0 }, 'faults not injected'],
  ['a fault that affected no request beside effects', { affected: 0 }, 'faults that affected no attempt'],
  ['a redrive that left dead letters', { redrive: { left: 1, failure: null } }, 'redrives unfinished'],
  ['a variant without a steady state before the fault', { goodputBefore: 0.95 }, 'steady state missed'],
  ['a redrive that failed before it had any', { redrive: { left: 0, failure: 'x' } }, 'redrives unfinished'],
])('checkValidity finds %s', (_, change, name) => {
  expect(failing(change).map((check) => check.name)).toEqual([name]);
});

const plainly = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
  [{ lagMs: 61.4 }, '1 % of requests were sent at least 61.4 ms late (limit 10 ms)'],
  [{ sleepMs: 30.1 }, '1 % of calls ran at least 30.1 ms over the model (limit 10 ms)'],
  [{ faultMs: 1001 }, 'a fault was injected 1 s late (limit 1 s)'],
  [{ faultMs: 1001, goneMs: 1500 }, 'a fault was cleared 1.5 s late (limit 1 s)'],
  [{ unsent: 1 }, '1 request found no free connection (limit 0)'],
  [
    { unfinishedWarmUp: 2 },
    '2 requests of the warm-up, or their attempts, did not end before the load began',
  ],
  [{ atWork: 3 }, 'the system still worked on 3 attempts when the drain ended'],
  [{ balanced: false }, '1 count of the ledger differs between its sources'],
  [{ affected: 0 }, '1 fault affected no attempt (f), although downstream continued to work'],
  [{ injected: 0 }, '1 fault was not injected or not cleared'],
  [
    { goodputBefore: 0.5 },
    '1 condition of the steady state did not hold before the first fault: goodput(events-48, 0..100ms) > 95% (50 %)',
  ],
  [
    { injected: 0, unsteady: [{ text: 'goodput(x, 0..50ms) > 95%', ok: false, left: 0.4, right: 0.95 }] },
    '1 condition of the steady state did not hold before the first fault, so none was injected: goodput(x, 0..50ms) > 95% (40 %)',
  ],
  [
    { redrive: { left: 3, failure: 'r7: TIMEOUT' } },
    '1 redrive ended before all dead letters were sent (r7: TIMEOUT)',
  ],
])('checkValidity says in words what was measured: %j', (change, finding) => {
  expect(failing(change).map((check) => plainly(check.finding))).toEqual([finding]);
});

test('checkValidity says what to do about a machine that is too slow', () => {
  const checks = failing({ loadAverage: 2, lagMs: 11, sleepMs: 11 });
  for (const check of checks) expect(check.remedy).toContain(adviceOnSlowness({ cpus: 2, loadAverage: 2 }));
  expect(checks).toHaveLength(2);
});

test('checkValidity names the option that allows more of just what was too much', () => {
  const [sleep, fault] = failing({ sleepMs: 11, faultMs: 1001 }).map(({ remedy }) => remedy);
  expect(sleep).toContain('`lagP99Ms` and `sleepExcessP99Ms`');
  expect(fault).toMatch(/leave more time after the previous fault on the same target.* `faultDelayMs` /);
  expect(fault).not.toContain('lagP99Ms');
  const [gone] = failing({ goneMs: 1001 }).map(({ remedy }) => remedy);
  expect(gone).not.toContain('leave more time');
  expect(gone).toContain('`faultDelayMs`');
});

interface Given {
  readonly target?: 'downstream' | 'downstream-1';
  readonly fault?: ApplicationFaultOptions;
  readonly affected?: number | null;
  /** Scheduled time of each request. */
  readonly scheduledAtMs?: number;
  /** Time of each request's effect. */
  readonly effectsAtMs?: readonly number[];
  readonly restarted?: readonly ServiceProcess[];
}

const failure = { kind: 'failure', status: 500, ratio: 1 } as const;
const startedAtMs = -500;
const many = (count: number, atMs = 800) => new Array<number>(count).fill(atMs);

/** Returns the findings on a fault active from 0 to 1000 ms; its target may be one of two downstreams. */
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
    counts: new Uint32Array(firstAtMs.length),
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
    'more effects, if it affects few of the attempts',
    { effectsAtMs: many(100), fault: { ...failure, ratio: 0.1 } },
  ],
  ['effects of its class', { fault: { ...failure, class: 'all' } }],
  ['a gateway that was restarted', { restarted: ['gateway'] }],
])('inertFaults names a fault that affected no request beside %s', (_what, given) => {
  expect(found(given)).toEqual(['f']);
});

test.each<[string, Given]>([
  ['that affected a request', { affected: 1 }],
  ['whose affected requests are not counted', { affected: null }],
  ['beside too few effects to exclude chance', { effectsAtMs: many(9) }],
  ['of one in two, beside as many effects', { effectsAtMs: many(19), target: 'downstream-1' }],
  ['of few attempts, beside as many effects', { effectsAtMs: many(99), fault: { ...failure, ratio: 0.1 } }],
  ['beside effects of requests scheduled before it', { scheduledAtMs: -1 }],
  ['beside effects after it', { effectsAtMs: many(10, 1000) }],
  ['beside effects of another class', { fault: { ...failure, class: 'none' } }],
  ['that affects requests by their id', { fault: { kind: 'poison', ids: ['r0'], status: 500 } }],
  ['of a downstream that was restarted', { restarted: ['downstream-2'] }],
  ['beside requests without an effect', { effectsAtMs: many(10, Number.NaN) }],
])('inertFaults leaves out a fault %s', (_what, given) => {
  expect(found(given)).toEqual([]);
});
