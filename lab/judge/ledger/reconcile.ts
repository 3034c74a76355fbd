import { requestIndex } from '#kit/wire.ts';
import type { Witnesses } from './witnesses.ts';

/**
 * Decides the outcome of redriven events and of events without a reported completion, e.g. after a broker crash. An
 * effect alone does not complete an event: the consumer may have timed out, and the event may be delivered again. The
 * first rule that applies decides:
 * - dead, if the event has a dead letter, with or without an effect;
 * - pending, while its message is in the stream and not acknowledged;
 * - pending, if its effect came after the generator's end: too late to count, like the answer to a call;
 * - completed, if it has an effect whose caller still waited: the consumer acknowledged the message, and the completion
 *   got lost;
 * - pending, if its message is acknowledged, but still in the stream;
 * - lost, if it was accepted.
 * Changes `requests`. Calls are left as they are, since the answer to a call already decided its outcome.
 */
export function reconcile(witnesses: Witnesses): { recovered: number; lost: number } {
  const { path, summary, requests, effects, remains, redriven, deadlineMs } = witnesses;
  const endedAtMs = summary.startedAtMs + summary.elapsedMs;
  // Acknowledged events that are still in the stream. `stuckCheck` reports those of them that neither completed nor are
  // dead-lettered.
  const kept = new Set(remains?.behind.map(requestIndex));
  let recovered = 0;
  let lost = 0;
  for (let index = 0; path === 'event' && index < requests.size; index++) {
    const outcome = requests.outcome(index);
    const isDead = remains?.dead.has(index) ?? false;
    const isRevived = outcome === 'dead' && redriven.requests.has(index) && !isDead;
    if (outcome !== 'pending' && outcome !== 'unknown' && !isRevived) continue;
    // Leaves out effects whose caller had timed out, since they complete nothing.
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
