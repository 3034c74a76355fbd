import type { Path } from '#kit/wire.ts';
import type { Observation } from '#lab/analysis/observation/observation.ts';
import { type Samples, total } from '#lab/evidence/samples.ts';
import type { Fault } from '#lab/experiment/schema.ts';
import { kinds } from '#lab/faults/kinds.ts';
import type { Overhead } from '#lab/result/simulations.ts';
import { callers } from '#lab/topology/paths.ts';

type Observed = Pick<
  Observation,
  'summary' | 'requests' | 'effects' | 'deltas' | 'foreign' | 'injected' | 'restarted'
>;

/**
 * Fits the mean time that each hop adds to a call. Returns null if the evidence doesn't show it: on the event path, with
 * a foreign gateway, or without a completed request.
 *
 * - gateway: time from scheduled to answered at the generator, minus the duration at the gateway;
 * - downstream: duration of an attempt at its caller, minus the sleep of the model.
 *
 * Attempts that a policy cut off end before their work. Then the hop takes as long as an answer: the answer passes two
 * hops in one direction, and an attempt passes one hop in two. Faults of processes and connections add time that is no
 * overhead. Then both hops take as long as an answer outside these faults.
 */
export function overheadOf(observed: Observed, path: Path): Overhead | null {
  const { deltas, foreign, injected, restarted } = observed;
  if (path !== 'rpc' || foreign.includes('gateway')) return null;
  const answerMs = meanAnswerMs(observed);
  const sleepMs = meanMs(deltas.downstream, 'spillway_sleep_excess_seconds');
  if (answerMs === null || sleepMs === null) return null;
  const isDisturbed = restarted.length > 0 || injected.some(({ fault }) => disturbs(fault));
  const gatewayMs = isDisturbed ? answerMs : gatewayHopMs(observed);
  const downstreamMs = isDisturbed || hasCutOff(observed) ? answerMs + sleepMs : attemptExcessMs(observed);
  return { gatewayMs: Math.max(0, gatewayMs), downstreamMs: Math.max(0, downstreamMs) };
}

/** True if a fault stops or slows processes or connections, instead of changing the work of downstream. */
const disturbs = ({ fault: { kind } }: Fault): boolean => !(kind in kinds.downstream);

/** Mean of a histogram of seconds, in ms; null if it is empty. */
function meanMs(samples: Samples, name: string, label?: string): number | null {
  const count = total(samples, `${name}_count`, label);
  return count > 0 ? (total(samples, `${name}_sum`, label) / count) * 1000 : null;
}

/** Returns the mean time from the commit of an effect to the answer at the generator, without disturbed requests. */
function meanAnswerMs({ requests, effects, summary: { startedAtMs }, injected }: Observed): number | null {
  const spans = injected.filter(({ fault }) => disturbs(fault));
  let sum = 0;
  let count = 0;
  for (let index = 0; index < requests.size; index++) {
    const scheduledAtMs = startedAtMs + requests.scheduledAtMs[index]!;
    const answeredAtMs = scheduledAtMs + requests.latencyMs[index]!;
    const answerMs = answeredAtMs - effects.answeredAtMs[index]!;
    const outcome = requests.outcome(index);
    if (Number.isNaN(answerMs) || (outcome !== 'ok' && outcome !== 'late')) continue;
    if (spans.some(({ beganAtMs, endedAtMs }) => answeredAtMs >= beganAtMs && scheduledAtMs < endedAtMs))
      continue;
    sum += answerMs;
    count += 1;
  }
  return count > 0 ? sum / count : null;
}

/** Returns the mean time that a request took longer at the generator than at the gateway. */
function gatewayHopMs({ requests, deltas }: Observed): number {
  let sum = 0;
  let count = 0;
  for (let index = 0; index < requests.size; index++) {
    if (Number.isNaN(requests.lagMs[index]!) || Number.isNaN(requests.latencyMs[index]!)) continue;
    sum += requests.latencyMs[index]!;
    count += 1;
  }
  // A caller that disconnected has no answer, so its request counts at neither.
  const all = 'spillway_request_duration_seconds';
  const seconds = (part: string) =>
    total(deltas.gateway, `${all}_${part}`) - total(deltas.gateway, `${all}_${part}`, 'outcome="gone"');
  return count > 0 && seconds('count') > 0 ? sum / count - (seconds('sum') / seconds('count')) * 1000 : 0;
}

/** True if attempts ended before their work: cut off by their caller, abandoned, or expired at downstream. */
function hasCutOff({ deltas }: Observed): boolean {
  const ended = (service: 'gateway' | 'downstream') => {
    const by = (result: string) => total(deltas[service], 'spillway_attempts_total', `result="${result}"`);
    return by('abandoned') + by('expired');
  };
  return ended('gateway') + ended('downstream') > 0;
}

/** Returns the mean time that an attempt took longer at its caller than the model says. */
function attemptExcessMs({ deltas }: Observed): number {
  const attemptMs = meanMs(deltas[callers.rpc], 'spillway_attempt_duration_seconds') ?? 0;
  const attempts = total(deltas.downstream, 'spillway_attempts_total');
  const modelledMs = (total(deltas.downstream, 'spillway_modelled_sleep_seconds_total') / attempts) * 1000;
  return attempts > 0 ? attemptMs - modelledMs : 0;
}
