import type { Outcome } from '#kit/wire.ts';
import type { Effects } from '#lab/audit/effects.ts';
import { balance, type Counters, type Witnesses } from '#lab/audit/ledger.ts';
import { Requests } from '#lab/audit/record.ts';
import type { Summary } from '#load/protocol.ts';

export const hasEffect = (outcome: Outcome): boolean => outcome === 'ok' || outcome === 'late';

/** Witnesses whose word a test can change. */
export interface Truth extends Witnesses {
  readonly counters: { -readonly [K in keyof Counters]: Counters[K] };
  readonly remains: {
    readonly pending: Set<number>;
    readonly dead: Set<number>;
    readonly receipts: number;
    readonly behind: readonly string[];
    readonly delivered: readonly string[];
    readonly unacknowledged: number;
  };
}

/** What all witnesses say when every request meets the fate given, and everybody tells the truth. */
export function truthful(path: 'rpc' | 'event', fates: readonly Outcome[]): Truth {
  const requests = new Requests(fates.length);
  const firstAtMs = new Float64Array(fates.length).fill(Number.NaN);
  for (const [index, fate] of fates.entries()) {
    requests.dueMs[index] = index;
    requests.decide(index, fate);
    requests.recorded += 1;
    if (hasEffect(fate)) {
      requests.latencyMs[index] = 10;
      firstAtMs[index] = 1000 + index + 10;
    }
  }
  const count = (...names: Outcome[]) => fates.filter((fate) => names.includes(fate)).length;
  const done = count('ok', 'late');
  const effects: Effects = {
    firstAtMs,
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
    planned: fates.length,
    offered: fates.length,
    accepted,
    outcomes: {},
  };
  return {
    path,
    requests,
    effects,
    summary: summary as unknown as Summary,
    counters: {
      gateway: { ok: done, failed: count('failed'), timeout: count('timeout'), rejected: count('rejected') },
      publisher: { accepted, duplicate: 0, dropped: count('dropped'), unavailable: 0 },
      consumer: { ok: done, dead: count('dead') },
      effects: done,
      suppressedEffects: 0,
      attempts: { gateway: fates.length, consumer: fates.length, downstream: fates.length },
      partial: {},
    },
    remains: {
      pending: new Set(fates.flatMap((fate, index) => (fate === 'pending' ? [index] : []))),
      dead: new Set(fates.flatMap((fate, index) => (fate === 'dead' ? [index] : []))),
      receipts: 0,
      behind: [],
      delivered: [],
      unacknowledged: 0,
    },
    redriven: { requests: new Set(), letters: 0, doubtful: 0 },
    foreign: [],
  };
}

/** The checks that fail. */
export const failing = (witnesses: Witnesses, lost = 0): string[] =>
  balance(witnesses, lost)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name);
