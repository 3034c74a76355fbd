import type { Outcome } from '#kit/wire.ts';
import type { Effects } from '#lab/evidence/effects.ts';
import { Requests } from '#lab/evidence/requests.ts';
import { balance } from '#lab/judge/ledger/ledger.ts';
import type { Counters, Witnesses } from '#lab/judge/ledger/witnesses.ts';
import type { Summary } from '#load/protocol.ts';

export const hasEffect = (outcome: Outcome): outcome is 'ok' | 'late' =>
  outcome === 'ok' || outcome === 'late';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Reports of all witnesses on a variant. A test can edit them. */
export interface Truth extends Omit<Witnesses, 'foreign'> {
  readonly summary: Mutable<Summary>;
  readonly effects: Mutable<Effects>;
  readonly counters: Mutable<{ [K in keyof Counters]: Mutable<Counters[K]> }>;
  readonly remains: {
    readonly pending: Set<number>;
    readonly dead: Set<number>;
    readonly behind: string[];
    readonly delivered: string[];
    unacknowledged: number;
    deliveries?: number;
    stored: number;
  };
  readonly redriven: { readonly requests: Set<number>; deadLetters: number; doubtful: number };
  foreign: Witnesses['foreign'];
}

/** Returns consistent reports of all witnesses for requests with the given outcomes. */
export function truthful(path: 'rpc' | 'event', outcomes: readonly Outcome[]): Truth {
  const requests = new Requests(outcomes.length);
  const firstAtMs = new Float64Array(outcomes.length).fill(Number.NaN);
  const latencyMs = { ok: 10, late: 200 };
  for (const [index, outcome] of outcomes.entries()) {
    requests.scheduledAtMs[index] = index;
    requests.decide(index, outcome);
    requests.recorded += 1;
    if (outcome !== 'unsent') requests.lagMs[index] = 0.5;
    if (hasEffect(outcome)) {
      requests.latencyMs[index] = latencyMs[outcome];
      firstAtMs[index] = 1000 + index + latencyMs[outcome];
    }
  }
  const count = (...names: Outcome[]) => outcomes.filter((outcome) => names.includes(outcome)).length;
  const done = count('ok', 'late');
  const effects: Effects = {
    firstAtMs,
    answeredAtMs: firstAtMs.slice(),
    counts: Uint32Array.from(firstAtMs, (ms) => (Number.isNaN(ms) ? 0 : 1)),
    total: done,
    distinct: done,
    wasted: 0,
    belated: 0,
    belatedUntilMs: Number.NEGATIVE_INFINITY,
    strays: 0,
  };
  const accepted = count('ok', 'late', 'dead', 'pending');
  const summary = {
    startedAtMs: 1000,
    elapsedMs: 60_000,
    planned: outcomes.length,
    offered: outcomes.length,
    accepted,
    duplicates: 0,
    outcomes: {},
  };
  return {
    path,
    isClosed: false,
    deadlineMs: 100,
    clocks: undefined,
    attemptsMax: 4,
    requests,
    effects,
    summary: summary as unknown as Mutable<Summary>,
    counters: {
      gateway: {
        ok: done,
        failed: count('failed'),
        timeout: count('timeout'),
        rejected: count('rejected'),
        gone: 0,
      },
      publisher: {
        accepted,
        duplicate: 0,
        dropped: count('dropped'),
        unavailable: 0,
        unstored: 0,
        unknown: 0,
      },
      consumer: { ok: done, dead: count('dead'), unconfirmed: 0, all: done + count('dead') },
      effects: { waiting: done, gone: 0 },
      suppressedEffects: 0,
      attempts: { gateway: outcomes.length, consumer: outcomes.length, downstream: outcomes.length },
      doubts: {},
    },
    remains: {
      pending: new Set(outcomes.flatMap((outcome, index) => (outcome === 'pending' ? [index] : []))),
      dead: new Set(outcomes.flatMap((outcome, index) => (outcome === 'dead' ? [index] : []))),
      stored: accepted,
      behind: [],
      delivered: [],
      unacknowledged: 0,
      deliveries: done + count('dead', 'pending'),
    },
    redriven: { requests: new Set(), deadLetters: 0, doubtful: 0 },
    foreign: [],
  };
}

/** Returns the names of the ledger checks that fail. */
export const failing = (witnesses: Witnesses, lost = 0): string[] =>
  balance(witnesses, lost)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name);
