import type { Path } from '#kit/wire.ts';
import { isOfWarmUp, type Outcome, requestIndex } from '#kit/wire.ts';
import type { ServiceName } from '#lab/engine/testbed.ts';
import { count } from '#lab/format.ts';
import { callers } from '#lab/paths.ts';
import type { Ledger } from '#lab/result/result.ts';
import type { Summary } from '#load/protocol.ts';
import type { Effects } from './effects.ts';
import { hadEffect, type Requests } from './record.ts';
import { type Redriven, redriveChecks } from './redriven.ts';
import type { Remains } from './stream.ts';

/** How much each counter of the services grew during the run. */
export interface Counters {
  /** `spillway_requests_total` of the gateway, by outcome. */
  readonly gateway: Readonly<Record<'ok' | 'failed' | 'timeout' | 'rejected', number>>;
  /** `spillway_published_total` of the publisher, by result. */
  readonly publisher: Readonly<Record<'accepted' | 'duplicate' | 'dropped' | 'unavailable', number>>;
  /** `spillway_deliveries_total` of the consumer, by result. */
  readonly consumer: Readonly<Record<'ok' | 'dead', number>>;
  /** Of downstream. */
  readonly effects: number;
  readonly suppressedEffects: number;
  /** `spillway_attempts_total` of those who make attempts, and of the one that gets them. */
  readonly attempts: Readonly<Record<Caller | 'downstream', number>>;
  /** Services whose counters say too little, with why. */
  readonly partial: Readonly<Partial<Record<ServiceName, string>>>;
}

type Caller = (typeof callers)[keyof typeof callers];

export interface Witnesses {
  readonly path: Path;
  readonly summary: Summary;
  readonly requests: Requests;
  readonly effects: Effects;
  readonly counters: Counters;
  /** Of the event path. */
  readonly remains: Remains | undefined;
  readonly redriven: Redriven;
  /** Services that are not Spillway's. */
  readonly foreign: readonly ServiceName[];
}

type Check = Ledger['checks'][number];

/** Holds the witnesses against each other; after `settle`. */
export function balance(witnesses: Witnesses, lost: number): Ledger {
  const { path, summary, requests } = witnesses;
  const outcomes = requests.count();
  const sum = Object.values(outcomes).reduce((a, b) => a + b, 0);
  const checks = [
    equal('every offered request has one outcome', {
      'planned arrivals': summary.planned,
      'generator, offered': summary.offered,
      'sum of outcomes': sum,
      'lines in the record': requests.recorded + requests.strays,
    }),
    ...effectChecks(witnesses, outcomes),
    attemptCheck(witnesses),
    ...(path === 'rpc' ? gatewayChecks(witnesses, outcomes) : streamChecks(witnesses, outcomes, lost)),
  ];
  return { balanced: checks.every(({ ok }) => ok), checks };
}

function effectChecks(
  { requests, effects, counters }: Witnesses,
  outcomes: Record<Outcome, number>,
): Check[] {
  const took = (index: number) => !Number.isNaN(effects.firstAtMs[index]);
  return [
    equal('every ok or late request has an effect', {
      'generator, ok + late': outcomes.ok + outcomes.late,
      'of them in the effect log': countOf(requests, hadEffect, took),
    }),
    equal('no dropped or unsent request has an effect', {
      'dropped or unsent, in the effect log': countOf(requests, neverAccepted, took),
      expected: 0,
    }),
    strayCheck(effects),
    // What is still worked on for callers who have gone can be done after the log was read.
    agree(
      'the effect log holds what downstream counted',
      counters,
      'downstream',
      outcomes.unknown + outcomes.pending,
      {
        'lines in the effect log': effects.total,
        'downstream, effects committed': counters.effects - counters.suppressedEffects,
      },
    ),
  ];
}

function strayCheck({ belated, strays }: Effects): Check {
  const check = equal('no effect without a request', { 'effects of unknown requests': strays, expected: 0 });
  return { ...check, note: check.note || (belated > 0 ? `${count(belated)} more are of the warm-up` : '') };
}

const neverAccepted = (outcome: Outcome | undefined): boolean =>
  outcome === 'dropped' || outcome === 'unsent';

/** How many requests ended so, and are known to another witness. */
function countOf(
  requests: Requests,
  ended: (outcome: Outcome | undefined) => boolean,
  known: (index: number) => boolean,
): number {
  let sum = 0;
  for (let index = 0; index < requests.size; index++) {
    if (ended(requests.outcome(index)) && known(index)) sum += 1;
  }
  return sum;
}

function attemptCheck({ path, counters }: Witnesses): Check {
  const caller = callers[path];
  const { [caller]: made, downstream: seen } = counters.attempts;
  const silent = counters.partial[caller] === undefined ? 'downstream' : caller;
  const name = 'downstream saw no attempt that its caller did not make';
  const check = agree(name, counters, silent, Number.POSITIVE_INFINITY, {
    'downstream, attempts seen': seen,
    [`${caller}, attempts made`]: made,
  });
  const unseen = seen < made ? `${count(made - seen)} never got there: no connection, or cut off first` : '';
  return { ...check, note: check.note || unseen };
}

function gatewayChecks({ requests, counters }: Witnesses, outcomes: Record<Outcome, number>): Check[] {
  const pairs = [
    ['ok', outcomes.ok + outcomes.late],
    ['failed', outcomes.failed - requests.unconnected],
    ['timeout', outcomes.timeout],
    ['rejected', outcomes.rejected],
  ] as const;
  return pairs.map(([name, generator]) =>
    // An answer that the generator could not receive any more is one the gateway counted.
    agree(`gateway and generator agree on ${name}`, counters, 'gateway', outcomes.unknown, {
      'generator, of those sent': generator,
      gateway: counters.gateway[name],
    }),
  );
}

function streamChecks(witnesses: Witnesses, outcomes: Record<Outcome, number>, lost: number): Check[] {
  const { summary, counters, remains, requests, redriven, foreign } = witnesses;
  const { publisher, consumer } = counters;
  return [
    agree('publisher and generator agree on accepted', counters, 'publisher', requests.unanswered, {
      generator: summary.accepted,
      publisher: publisher.accepted + publisher.duplicate,
    }),
    agree('publisher and generator agree on dropped', counters, 'publisher', requests.unanswered, {
      'generator, of those sent': outcomes.dropped - requests.unconnected,
      'publisher, dropped + unavailable': publisher.dropped + publisher.unavailable,
    }),
    // An acknowledgement that got lost makes the consumer handle an event twice, never less than once.
    agree(
      'consumer finished what the generator counts as finished',
      counters,
      'consumer',
      Number.POSITIVE_INFINITY,
      {
        'generator, ok + late + dead': outcomes.ok + outcomes.late + outcomes.dead,
        'consumer, ok + dead': consumer.ok + consumer.dead,
      },
    ),
    letterCheck(witnesses, outcomes),
    ...redriveChecks(redriven, remains, foreign.includes('consumer')),
    equal('no accepted event is lost', { lost, expected: 0 }),
    stuckCheck(witnesses),
  ];
}

/**
 * A broker keeps messages for a moment after they are acknowledged, and where it was killed perhaps for good: it forgets
 * that it removed them, not that they were done. They must be of events that are, or of the warm-up.
 */
function stuckCheck({ requests, remains }: Witnesses): Check {
  const { behind = [], delivered = [], unacknowledged = 0 } = remains ?? {};
  const done = (ids: readonly string[]) =>
    ids.filter((id) => isOfWarmUp(id) || isFinished(requests.outcome(requestIndex(id)))).length;
  // Which of those delivered they are nobody says.
  const forgotten = Math.max(0, delivered.length - unacknowledged);
  const stuck = behind.length + forgotten;
  const mayBe = done(behind) + Math.min(forgotten, done(delivered));
  const ok = stuck <= mayBe;
  return {
    name: 'no event is stuck in the stream',
    ok,
    witnesses: { stuck, 'of finished events and the warm-up, at most': mayBe },
    note: stuck === 0 ? '' : ok ? 'the broker kept what was acknowledged' : 'the witnesses differ',
  };
}

const isFinished = (outcome: Outcome | undefined): boolean =>
  outcome === 'ok' || outcome === 'late' || outcome === 'dead';

function letterCheck(
  { requests, remains, counters, foreign }: Witnesses,
  outcomes: Record<Outcome, number>,
): Check {
  const check = equal('every dead event is in the dead letters', {
    'generator, dead': outcomes.dead,
    'of them in the dead letters': countOf(
      requests,
      (outcome) => outcome === 'dead',
      (index) => remains?.dead.has(index) ?? false,
    ),
  });
  // One that is not ours may put its dead events elsewhere.
  return foreign.includes('consumer')
    ? { ...check, ok: true, note: noteOf(true, counters, 'consumer') }
    : check;
}

/** All witnesses say the same. */
function equal(name: string, witnesses: Record<string, number>): Check {
  const ok = new Set(Object.values(witnesses)).size === 1;
  return { name, ok, witnesses, note: ok ? '' : 'the witnesses differ' };
}

/** A service counted what the first witness did and at most `spare` more, unless it says too little. */
function agree(
  name: string,
  counters: Counters,
  service: ServiceName,
  spare: number,
  witnesses: Record<string, number>,
): Check {
  const [first, second] = Object.values(witnesses) as [number, number];
  const ok = counters.partial[service] !== undefined || (second >= first && second - first <= spare);
  return { name, ok, witnesses, note: noteOf(ok, counters, service) };
}

function noteOf(ok: boolean, { partial }: Counters, service: ServiceName): string {
  const reason = partial[service];
  if (reason !== undefined) return `${reason}: not compared`;
  return ok ? '' : 'the witnesses differ';
}
