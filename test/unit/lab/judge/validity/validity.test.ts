import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Observation } from '#lab/judge/observation/observation.ts';
import { clockCheck, stallCheck } from '#lab/judge/result/facts.ts';
import type { ValidityCheck } from '#lab/judge/result/result.ts';
import { checkValidity } from '#lab/judge/validity/validity.ts';
import type { FirstErrors } from '#load/protocol.ts';
import { parsed } from '#test/fixtures/experiment.ts';
import { measured } from '#test/fixtures/measured.ts';
import { figuresOfMade } from '#test/fixtures/variant.ts';

const experiment = (faultKind: string) =>
  parsed(`
deadlineMs: 1000
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: 2000 } }]
downstream: { accepts: { method: GET, path: /stock } }
variants: { events-48: { path: event } }
faults: [{ name: f, atMs: 1100, forMs: 100, target: downstream, fault: { kind: ${faultKind} } }]
steadyState: ["goodput > 95%"]
`);

const ofAttempts = { name: 'f', target: 'downstream', fault: { kind: 'failure', ratio: 1 } };

/** Measurements that pass all checks of validity. */
const fine = {
  loadAverage: 0,
  lagMs: 0,
  sleepMs: 0,
  unsent: 0,
  balanced: true,
  injected: 1,
  meanSleepMs: 10,
  unfinishedWarmUp: 0,
  warmUpErrors: {} as FirstErrors,
  atWork: 0,
  faultKind: 'pause',
  faultMs: 0,
  goneMs: 0,
  faultForMs: 2000,
  redrive: { left: 0, failure: null as string | null },
  goodputBefore: 0.96,
  affected: 1,
  tamperings: [] as string[],
  remains: undefined as object | undefined,
  incomplete: [] as string[],
  path: measured.path,
  foreign: [] as string[],
  attempts: 5,
  withoutId: 0,
  ofOtherForm: 0,
  wallDifferenceMs: 0,
};

/** Returns the checks of validity that fail after these changes to `fine`. */
const failing = (change: Partial<typeof fine>): ValidityCheck[] => checks(change).filter(({ ok }) => !ok);

/** Returns all checks of validity after these changes to `fine`. */
function checks(change: Partial<typeof fine>): ValidityCheck[] {
  const it = { ...fine, ...change };
  const asked = { fromMs: 100, untilMs: 200 };
  const check = { name: 'c', ok: it.balanced, witnesses: {}, note: '' };
  const variant = {
    ...measured,
    path: it.path,
    outcomes: { ...measured.outcomes, unsent: it.unsent },
    self: {
      ...measured.self,
      lag: { ...measured.self.lag, p99Ms: it.lagMs },
      sleepExcess: { ...measured.self.lag, p99Ms: it.sleepMs },
    },
    redrives: [{ atMs: 100, ratePerSecond: 10, took: asked, redriven: 1, ...it.redrive }],
    ledger: { balanced: it.balanced, checks: [check] },
    windows: [
      { ...measured, name: '0..100ms', span: { fromMs: 0, untilMs: 100 }, goodput: it.goodputBefore },
    ],
    faults: [
      {
        name: 'f',
        target: 'downstream',
        state: 'paused',
        onPath: true,
        asked: { fromMs: 100, untilMs: 100 + it.faultForMs },
        took: { fromMs: 100 + it.faultMs, untilMs: 100 + it.faultForMs + it.goneMs },
        affected: it.affected,
      },
    ],
  };
  const observed = {
    summary: { startedAtMs: 0 },
    requests: { scheduledAtMs: new Float64Array(10).fill(50) },
    injected: new Array(it.injected).fill({ fault: ofAttempts, beganAtMs: 0, endedAtMs: 100 }),
    effects: { firstAtMs: new Float64Array(10).fill(60) },
    restarted: [],
    foreign: it.foreign,
    tamperings: it.tamperings,
    remains: it.remains,
    stalls: { all: [], incomplete: it.incomplete },
    unfinishedWarmUp: it.unfinishedWarmUp,
    warmUpErrors: it.warmUpErrors,
    atWork: it.atWork,
    clocks: { comparedWithinMs: 0, wallDifferenceMs: it.wallDifferenceMs, processes: [] },
    deltas: {
      downstream: new Map([
        ['spillway_sleep_excess_seconds_count', 4],
        ['spillway_attempts_total{result="ok"}', it.attempts],
        ['spillway_refused_calls_total{reason="id"}', it.withoutId],
        ['spillway_refused_calls_total{reason="form"}', it.ofOtherForm],
        ['spillway_modelled_sleep_seconds_total', (4 * it.meanSleepMs) / 1000],
      ]),
    },
  } as unknown as Observation;
  const machine = { cpus: 2, loadAverage: it.loadAverage };
  const figures = figuresOfMade(variant);
  return checkValidity(experiment(it.faultKind), { ...variant, figures }, observed, machine);
}

test('every check of validity has a row in invalid.md, and every row has a check', () => {
  const page = readFileSync(new URL('../../../../../docs/how-to/invalid.md', import.meta.url), 'utf8');
  const rows = Array.from(page.matchAll(/^\| (?!check|---)([^|]+) \|/gm), ([, name]) => name);
  const names = [...checks({}).map(({ name }) => name), stallCheck, clockCheck];
  expect(rows.toSorted()).toEqual(names.toSorted());
});

test('checkValidity counts calls without an id, and says where it was expected', () => {
  const [check] = failing({ withoutId: 3 });
  expect(check).toMatchObject({ name: 'calls in another form', measured: 3 });
  expect(check?.finding).toMatch(/3.calls without the id of a request in the header x-request-id/);
});

test('checkValidity counts calls of another form only if downstream accepted none', () => {
  expect(failing({ ofOtherForm: 3 })).toEqual([]);
  const [check] = failing({ ofOtherForm: 3, attempts: 0 });
  expect(check?.finding).toMatch(/refused 3.calls that were not GET .stock/);
});

test('checkValidity is content with a measurement at its limits', () => {
  expect(failing({ lagMs: 10, sleepMs: 10, faultMs: 1000, goneMs: 1000 })).toEqual([]);
  expect(failing({ sleepMs: 30, meanSleepMs: 300 })).toEqual([]);
  expect(failing({ faultMs: 250, faultForMs: 500 })).toEqual([]);
});

test.each(['kill', 'stop'])('checkValidity leaves time after %s', (faultKind) => {
  expect(failing({ faultKind, goneMs: 9000 })).toEqual([]);
  expect(failing({ faultKind, faultMs: 1001 }).map(({ name }) => name)).toEqual(['delay of faults']);
});

test.each<[string, Partial<typeof fine>, string, string]>([
  ['a generator 1 % of the deadline late', { lagMs: 10.1 }, 'send lag p99', '10.1 ms late (limit 10 ms)'],
  ['a fault injected over a second late', { faultMs: 1001 }, 'delay of faults', 'injected 1 s late (limit'],
  ['one with less than a half left', { faultMs: 251, faultForMs: 500 }, 'delay of faults', '251 ms late'],
  ['one cleared too late', { faultMs: 1001, goneMs: 1500 }, 'delay of faults', 'cleared 1.5 s late (limit'],
  [
    'wall clocks 1 % of the deadline apart',
    { wallDifferenceMs: 10.1 },
    'wall clocks of broker and consumer',
    '10.1 ms (limit 10 ms)',
  ],
  ['a request unsent', { unsent: 1 }, 'unsent requests', '1 request '],
  ['a warm-up without an end', { unfinishedWarmUp: 2 }, 'warm-up requests without an end', '2 requests '],
  ['attempts without a waiting caller', { atWork: 3 }, 'attempts still at work', '3 attempts '],
  ['a downstream that overslept, halted or not', { sleepMs: 10.1 }, 'sleep excess p99', '10.1 ms over'],
  ['or by a tenth of a long sleep', { sleepMs: 30.1, meanSleepMs: 300 }, 'sleep excess p99', '(limit 30 ms)'],
  [
    'a change by hand',
    { tamperings: ['gateway has another seed'] },
    'changes by hand',
    'gateway has another seed',
  ],
  ['a stream that was deleted', { remains: {} }, 'changes by hand', 'its stream or consumer was deleted'],
  ['a list of stalls that was full', { incomplete: ['gateway'] }, 'stalls not recorded', 'gateway'],
  ['a ledger that does not balance', { balanced: false }, 'ledger differences', '1 count '],
  ['a fault that did not take', { injected: 0 }, 'faults not injected', '1 fault was not injected'],
  [
    'a redrive that left dead letters',
    { redrive: { left: 1, failure: null } },
    'redrives unfinished',
    '1 redrive ',
  ],
  ['or failed before any', { redrive: { left: 0, failure: 'r7: X' } }, 'redrives unfinished', '(r7: X)'],
  [
    'no steady state before',
    { goodputBefore: 0.95 },
    'steady state missed',
    '0..100ms) > 95% (95 %, needs > 95 %)',
  ],
])('checkValidity finds %s', (_, change, name, figure) => {
  const checks = failing(change);
  expect(checks.map((check) => check.name)).toEqual([name]);
  expect(checks[0]!.finding.replaceAll('\u00a0', ' ')).toContain(figure);
});
