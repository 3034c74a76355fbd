import { expect, test } from 'vitest';
import type { Outcome } from '#kit/wire.ts';
import { truthful } from '../truthful.ts';
import {
  at,
  type Contradictions,
  calls,
  effect,
  events,
  failing,
  redrive,
  repeat,
  restarted,
  rowsOf,
  timedOut,
} from './edits.ts';

/** Edits after which no witness contradicts another, by path. */
const oddities: Contradictions = {
  rpc: {
    'nothing odd happened to calls': () => undefined,
    'an unanswered call has an effect': (truth) => effect(truth, at.rpc('unknown')),
    'a call that timed out has an effect': (truth) => effect(truth, at.rpc('timeout'), 900, 'gone'),
    'a call that failed has two effects': (truth) => {
      effect(truth, at.rpc('failed'), 20, 'gone');
      repeat(truth);
    },
    'a call completed by a repeated effect that was suppressed': (truth) => {
      // The log has the effect of the first attempt, and the later answer to the second attempt.
      truth.effects.answeredAtMs[0]! += 0.1;
      truth.requests.latencyMs[0]! += 0.1;
      truth.counters.effects.gone += 1;
      truth.counters.suppressedEffects = 1;
    },
    'the answer to an unknown call was counted': (truth) => {
      effect(truth, at.rpc('unknown'));
      truth.counters.gateway.ok += 1;
    },
    'the gateway was killed and restarted': (truth) => {
      restarted(truth, 'gateway');
      Object.assign(truth.counters.gateway, { ok: 1, failed: 0, timeout: 0, rejected: 0 });
      truth.counters.attempts = { ...truth.counters.attempts, gateway: 1 };
    },
    'downstream was killed and restarted': (truth) => {
      restarted(truth, 'downstream');
      truth.counters.effects.waiting = 0;
      truth.counters.attempts = { ...truth.counters.attempts, downstream: 0 };
    },
    'what was left of the warm-up was counted, too': (truth) => {
      truth.counters.doubts = Object.fromEntries(
        ['gateway', 'downstream'].map((name) => [name, { surplus: 'warm-up' }]),
      );
      truth.effects.total += 2;
      truth.effects.belated = 2;
      truth.counters.effects.waiting += 3;
      truth.counters.gateway.ok += 3;
      truth.counters.attempts = { ...truth.counters.attempts, downstream: 99 };
    },
    'a foreign gateway refused a call after its effect': (truth) => {
      const reason = 'not compared';
      truth.foreign = ['gateway'];
      truth.counters.doubts = { gateway: { missing: reason, surplus: reason } };
      Object.assign(truth.counters.gateway, { ok: 0, failed: 0, timeout: 0, rejected: 0 });
      truth.counters.attempts = { ...truth.counters.attempts, gateway: 0 };
      effect(truth, at.rpc('rejected'));
    },
  },
  event: {
    'nothing odd happened to events': () => undefined,
    'a dead event was redriven and done': redrive,
    'an event was done twice, since its acknowledgement got lost': (truth) => {
      repeat(truth);
      truth.counters.consumer.ok += 1;
      truth.counters.consumer.all += 1;
      truth.remains.deliveries! += 1;
    },
    'an event was done and then dead-lettered, since its acknowledgement got lost': (truth) => {
      truth.remains.dead.add(at.event('ok'));
      truth.counters.consumer.dead += 1;
      truth.counters.consumer.all += 1;
      truth.remains.deliveries! += 1;
    },
    'the consumer was killed, and an acknowledged event was done twice': (truth) => {
      restarted(truth, 'consumer');
      repeat(truth);
      Object.assign(truth.counters.consumer, { ok: 1, dead: 0, all: 1 });
      truth.counters.attempts = { ...truth.counters.attempts, consumer: 1 };
    },
    'the consumer timed out, and the redelivery is in the stream': (truth) => timedOut(truth, 0),
    'a letter was stored, and its message not yet acknowledged': (truth) => {
      const index = at.event('dead');
      truth.requests.decide(index, 'pending');
      truth.remains.pending.add(index);
      truth.counters.consumer.dead -= 1;
    },
    'the broker took the acknowledgement of a dead event and did not confirm it': ({ counters }) => {
      counters.consumer.dead -= 1;
      counters.consumer.unconfirmed += 1;
    },
    'a broker crash swallowed the completion, the acknowledgement and the count of deliveries': (truth) => {
      truth.requests.decide(0, 'pending');
      truth.remains.behind.push('r0');
      delete truth.remains.deliveries;
    },
    'the broker forgot to remove an acknowledged event whose completion got lost': (truth) => {
      truth.requests.decide(0, 'pending');
      truth.remains.pending.add(0);
      truth.remains.delivered.push('r0', `r${at.event('pending')}`);
      truth.remains.unacknowledged = 1;
    },
    'an event ended after the generator did': (truth) => {
      const index = at.event('pending');
      truth.remains.pending.delete(index);
      effect(truth, index, 60_001);
      truth.counters.consumer.ok += 1;
      truth.counters.consumer.all += 1;
    },
  },
};

test.each(rowsOf(oddities))('balance holds where %s (%s)', (_, path, edit) => {
  const truth = path === 'rpc' ? truthful(path, calls) : truthful('event', events);
  edit(truth);
  expect(failing(truth)).toEqual([]);
});

test('balance holds, and goodput counts no unfinished event, whether the consumer was restarted or not', () => {
  for (const services of [[], ['consumer']] as const) {
    const truth = truthful('event', events);
    timedOut(truth, at.event('ok'));
    restarted(truth, ...services);
    expect(failing(truth)).toEqual([]);
    expect(truth.requests.count()).toMatchObject({ ok: 0, late: 1, pending: 2 } satisfies Partial<
      Record<Outcome, number>
    >);
  }
});
