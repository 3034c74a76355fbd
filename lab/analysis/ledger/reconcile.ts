import { requestIndex } from '#kit/wire.ts';
import type { Witnesses } from './witnesses.ts';

/**
 * Decides the outcome of events without a completion, as when a broker crash swallowed it, and of redriven ones. An effect is
 * not enough, see `isCompleted`: the consumer may have timed out, and the event be on its way again. In this order, an event is
 * - dead, if it has a dead letter, with or without an effect;
 * - pending, while its message is in the stream and not acknowledged;
 * - pending, if its effect came after the generator's end: too late to count, as the answer to a call would be;
 * - completed, if it has an effect whose caller still waited: the consumer acknowledged the message, and its completion got lost;
 * - lost, if it was accepted.
 * Changes `requests`. A call is decided by its answer alone.
 */
export function reconcile(witnesses: Witnesses): { recovered: number; lost: number } {
  const { path, summary, requests, effects, remains, redriven, deadlineMs } = witnesses;
  const endedAtMs = summary.startedAtMs + summary.elapsedMs;
  // Without an effect, `stuckCheck` reports them.
  const kept = new Set(remains?.behind.map(requestIndex));
  let recovered = 0;
  let lost = 0;
  for (let index = 0; path === 'event' && index < requests.size; index++) {
    const outcome = requests.outcome(index);
    const isDead = remains?.dead.has(index) ?? false;
    const isRevived = outcome === 'dead' && redriven.requests.has(index) && !isDead;
    if (outcome !== 'pending' && outcome !== 'unknown' && !isRevived) continue;
    // An effect for a consumer that had timed out completes nothing.
    const effectAtMs = effects.answeredAtMs[index]!;
    if (isDead) {
      requests.decide(index, 'dead');
      recovered += 1;
    } else if (remains?.pending.has(index) || effectAtMs > endedAtMs) {
      requests.decide(index, 'pending');
    } else if (!Number.isNaN(effectAtMs)) {
      const latencyMs = effectAtMs - summary.startedAtMs - requests.scheduledAtMs[index]!;
      requests.latencyMs[index] = latencyMs;
      requests.decide(index, latencyMs <= deadlineMs ? 'ok' : 'late');
      recovered += 1;
    } else if (kept.has(index)) {
      requests.decide(index, 'pending');
    } else if (outcome !== 'unknown') {
      requests.decide(index, 'pending');
      lost += 1;
    }
  }
  return { recovered, lost };
}
