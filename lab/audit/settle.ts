import type { Witnesses } from './ledger.ts';

/** Accepted events whose end the generator never heard of, settled by the other witnesses. */
export interface Settlement {
  readonly recovered: number;
  readonly lost: number;
}

/**
 * Gives requests the outcome that the effect log or the broker proves, where the generator could not know it:
 * a broker crash swallows news. An effect after the generator's end comes too late to be one, as the answer to a call does.
 * An event that was dead when it was redriven is dead only as long as it has a letter. Changes `requests`. Accepted
 * events that are in none of them are lost.
 */
export function settle(
  { path, summary, requests, effects, remains, redriven }: Witnesses,
  deadlineMs: number,
): Settlement {
  const endedAtMs = summary.startedAtMs + summary.elapsedMs;
  let recovered = 0;
  let lost = 0;
  for (let index = 0; path === 'event' && index < requests.size; index++) {
    const outcome = requests.outcome(index);
    const isRevived = outcome === 'dead' && redriven.requests.has(index) && !remains?.dead.has(index);
    if (outcome !== 'pending' && outcome !== 'unknown' && !isRevived) continue;
    const effectAtMs = effects.firstAtMs[index]!;
    // The effect may be one that it had before it died.
    if (effectAtMs > endedAtMs || (isRevived && remains?.pending.has(index))) {
      requests.decide(index, 'pending');
    } else if (!Number.isNaN(effectAtMs)) {
      const latencyMs = effectAtMs - summary.startedAtMs - requests.dueMs[index]!;
      requests.latencyMs[index] = latencyMs;
      requests.decide(index, latencyMs <= deadlineMs ? 'ok' : 'late');
      recovered += 1;
    } else if (remains?.dead.has(index)) {
      requests.decide(index, 'dead');
      recovered += 1;
    } else if (remains?.pending.has(index)) {
      requests.decide(index, 'pending');
    } else if (outcome !== 'unknown') {
      requests.decide(index, 'pending');
      lost += 1;
    }
  }
  return { recovered, lost };
}
