import type { Outcome } from '#kit/wire.ts';
import type { ServiceName } from '#lab/engine/testbed.ts';
import { count } from '#lab/report/format.ts';
import type { Ledger } from '#lab/result.ts';
import type { Summary } from '#load/protocol.ts';
import type { Effects } from './effects.ts';
import { hadEffect, type Requests } from './record.ts';
import type { Remains } from './stream.ts';

/** How much each counter of the services grew during the run. */
export interface Counters {
  /** `spillway_requests_total` of the gateway, by outcome. */
  readonly gateway: Readonly<Record<'ok' | 'failed' | 'timeout' | 'rejected', number>>;
  /** `spillway_published_total` of the publisher, by result. */
  readonly publisher: Readonly<Record<'accepted' | 'duplicate' | 'dropped', number>>;
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

/** Who makes attempts at downstream, on each path. */
export const callers = { rpc: 'gateway', event: 'consumer' } as const;
type Caller = (typeof callers)[keyof typeof callers];

export interface Witnesses {
  readonly path: 'rpc' | 'event';
  readonly summary: Summary;
  readonly requests: Requests;
  readonly effects: Effects;
  readonly counters: Counters;
  /** Of the event path. */
  readonly remains: Remains | undefined;
}

type Check = Ledger['checks'][number];

/** Accepted events whose end the generator never heard of, settled by the other witnesses. */
export interface Settlement {
  readonly recovered: number;
  readonly lost: number;
}

/**
 * Gives requests the outcome that the effect log or the broker proves, where the generator could not know it:
 * a broker crash swallows news. Changes `requests`. Accepted events that are in none of them are lost.
 */
export function settle(
  { path, summary, requests, effects, remains }: Witnesses,
  deadlineMs: number,
): Settlement {
  let recovered = 0;
  let lost = 0;
  for (let index = 0; path === 'event' && index < requests.size; index++) {
    const outcome = requests.outcome(index);
    if (outcome !== 'pending' && outcome !== 'unknown') continue;
    const effectAtMs = effects.firstAtMs[index]!;
    if (!Number.isNaN(effectAtMs)) {
      const latencyMs = effectAtMs - summary.startedAtMs - requests.dueMs[index]!;
      requests.latencyMs[index] = latencyMs;
      requests.decide(index, latencyMs <= deadlineMs ? 'ok' : 'late');
      recovered += 1;
    } else if (remains?.dead.has(index)) {
      requests.decide(index, 'dead');
      recovered += 1;
    } else if (remains?.pending.has(index)) {
      requests.decide(index, 'pending');
    } else if (outcome === 'pending') {
      lost += 1;
    }
  }
  return { recovered, lost };
}

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
    ...(path === 'rpc' ? gatewayChecks(witnesses, outcomes) : streamChecks(witnesses, lost)),
  ];
  return { balanced: checks.every(({ ok }) => ok), checks };
}

function effectChecks(
  { requests, effects, counters }: Witnesses,
  outcomes: Record<Outcome, number>,
): Check[] {
  let proven = 0;
  for (let index = 0; index < requests.size; index++) {
    if (hadEffect(requests.outcome(index)) && !Number.isNaN(effects.firstAtMs[index])) proven += 1;
  }
  return [
    equal('every ok or late request has an effect', {
      'generator, ok + late': outcomes.ok + outcomes.late,
      'of them in the effect log': proven,
    }),
    equal('no effect without a request', { 'effects of unknown requests': effects.strays, expected: 0 }),
    agree('the effect log holds what downstream counted', counters, 'downstream', {
      'downstream, effects committed': counters.effects - counters.suppressedEffects,
      'lines in the effect log': effects.total,
    }),
  ];
}

function attemptCheck({ path, counters }: Witnesses): Check {
  const caller = callers[path];
  const { [caller]: made, downstream: seen } = counters.attempts;
  const silent = counters.partial[caller] === undefined ? 'downstream' : caller;
  const ok = counters.partial[silent] !== undefined || seen <= made;
  const unseen = seen < made ? `${count(made - seen)} never got there: no connection, or cut off first` : '';
  return {
    name: 'downstream saw no attempt that its caller did not make',
    ok,
    witnesses: { [`${caller}, attempts made`]: made, 'downstream, attempts seen': seen },
    note: noteOf(ok, counters, silent) || unseen,
  };
}

function gatewayChecks({ counters }: Witnesses, outcomes: Record<Outcome, number>): Check[] {
  const pairs = [
    ['ok', outcomes.ok + outcomes.late],
    ['failed', outcomes.failed],
    ['timeout', outcomes.timeout],
    ['rejected', outcomes.rejected],
  ] as const;
  return pairs.map(([name, generator]) => {
    const gateway = counters.gateway[name];
    // An answer that the generator could not receive any more is one the gateway counted.
    const ok =
      counters.partial.gateway !== undefined ||
      (gateway >= generator && gateway - generator <= outcomes.unknown);
    const note = noteOf(ok, counters, 'gateway');
    return { name: `gateway and generator agree on ${name}`, ok, witnesses: { generator, gateway }, note };
  });
}

function streamChecks({ summary, counters, remains, requests }: Witnesses, lost: number): Check[] {
  const outcomes = requests.count();
  const published = counters.publisher.accepted + counters.publisher.duplicate;
  const publisherOk =
    counters.partial.publisher !== undefined ||
    (published >= summary.accepted && published - summary.accepted <= requests.unanswered);
  const finished = outcomes.ok + outcomes.late + outcomes.dead;
  const handled = counters.consumer.ok + counters.consumer.dead;
  // An acknowledgement that got lost makes the consumer handle an event twice, never less than once.
  const finishedOk = counters.partial.consumer !== undefined || handled >= finished;
  const stuck = remains?.stuck ?? 0;
  return [
    {
      name: 'publisher and generator agree on accepted',
      ok: publisherOk,
      witnesses: { generator: summary.accepted, publisher: published },
      note: noteOf(publisherOk, counters, 'publisher'),
    },
    {
      name: 'consumer finished what the generator counts as finished',
      ok: finishedOk,
      witnesses: { 'generator, ok + late + dead': finished, 'consumer, ok + dead': handled },
      note: noteOf(finishedOk, counters, 'consumer'),
    },
    equal('no accepted event is lost', { lost, expected: 0 }),
    equal('no message is stuck in the stream', { stuck, expected: 0 }),
  ];
}

/** All witnesses say the same. */
function equal(name: string, witnesses: Record<string, number>): Check {
  const ok = new Set(Object.values(witnesses)).size === 1;
  return { name, ok, witnesses, note: ok ? '' : 'the witnesses differ' };
}

/** Two witnesses say the same, unless one of them says too little. */
function agree(
  name: string,
  counters: Counters,
  service: ServiceName,
  witnesses: Record<string, number>,
): Check {
  const [first, second] = Object.values(witnesses) as [number, number];
  const ok = counters.partial[service] !== undefined || first === second;
  return { name, ok, witnesses, note: noteOf(ok, counters, service) };
}

function noteOf(ok: boolean, { partial }: Counters, service: ServiceName): string {
  const reason = partial[service];
  if (reason !== undefined) return `${reason}: not compared`;
  return ok ? '' : 'the witnesses differ';
}
