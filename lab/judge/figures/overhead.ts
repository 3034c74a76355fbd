import { workFaults } from '#downstream/faults/config.ts';
import type { Path } from '#kit/wire.ts';
import { type Samples, total } from '#lab/evidence/samples.ts';
import type { Overhead } from '#lab/evidence/simulations.ts';
import { kindOf } from '#lab/experiment/faults/kinds.ts';
import type { Fault } from '#lab/experiment/schema.ts';
import type { Observation } from '#lab/judge/observation/observation.ts';
import type { ServiceName } from '#lab/kit/topology/names.ts';
import { callers, servicesBefore } from '#lab/kit/topology/paths.ts';
import { serviceOf } from '#lab/kit/topology/replicas.ts';

type Observed = Pick<
  Observation,
  'summary' | 'requests' | 'effects' | 'deltas' | 'awake' | 'foreign' | 'injected' | 'restarted'
>;

/**
 * Fits the mean time that each hop adds. Returns null if the evidence doesn't show it: with a foreign service, or without
 * a completed request.
 *
 * - gateway: time from scheduled to answered at the generator, minus the duration at the gateway;
 * - publish: time from scheduled to accepted;
 * - downstream: duration of an attempt at its caller, minus the sleep of the model. For events it includes the time for
 *   which a slot of the consumer stays in use after the attempt;
 * - deliver: twice the time from the commit of an effect to the completion at the generator, minus downstream. This way
 *   is one direction of both hops.
 *
 * Attempts that a policy cut off end before their work. Then downstream takes as long as an answer: the answer passes two
 * hops in one direction, and an attempt passes one hop in two. Faults of processes, connections and answers add time
 * that is no overhead. Then all hops take as long as an answer outside these faults.
 */
export function overheadOf(observed: Observed, path: Path): Overhead | null {
  const { awake, foreign, injected, restarted } = observed;
  if ([...servicesBefore[path], 'downstream' as const].some((service) => foreign.includes(service)))
    return null;
  const answerMs = meanAnswerMs(observed);
  const sleepMs = meanMs(awake, 'spillway_sleep_excess_seconds');
  if (answerMs === null || sleepMs === null) return null;
  const isDisturbed = restarted.length > 0 || injected.some(({ fault }) => disturbs(fault));
  const isCutOff = isDisturbed || hasCutOff(observed, callers[path]);
  const downstreamMs = Math.max(0, isCutOff ? answerMs + sleepMs : attemptExcessMs(observed, path));
  if (path === 'rpc')
    return { gatewayMs: Math.max(0, isDisturbed ? answerMs : gatewayHopMs(observed)), downstreamMs };
  const deliverMs = isCutOff ? answerMs : Math.max(0, 2 * answerMs - downstreamMs);
  const { accepted, acceptedMs } = observed.summary;
  const isAccepted = !isDisturbed && acceptedMs !== undefined && accepted > 0;
  return { publishMs: isAccepted ? acceptedMs / accepted : answerMs, downstreamMs, deliverMs };
}

/** True if a fault affects processes, connections or answers, instead of only the work of downstream. */
const disturbs = ({ target, fault }: Fault): boolean =>
  serviceOf(target) !== 'downstream' ||
  !workFaults.includes(fault.kind) ||
  kindOf({ target, fault }).stops?.(fault) === true;

/** Mean in ms; null if the histogram is empty. */
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
function hasCutOff({ deltas }: Observed, caller: ServiceName): boolean {
  const ended = (service: ServiceName) => {
    const by = (result: string) => total(deltas[service], 'spillway_attempts_total', `result="${result}"`);
    return by('abandoned') + by('expired');
  };
  return ended(caller) + ended('downstream') > 0;
}

/** Returns the mean duration of an attempt, and the mean sleep of downstream's model; null without attempts. */
export function attemptOf({ deltas }: Pick<Observed, 'deltas'>, path: Path) {
  const meanOfAttemptsMs = meanMs(deltas[callers[path]], attemptSeconds);
  const worked = total(deltas.downstream, 'spillway_attempts_total');
  if (meanOfAttemptsMs === null || worked === 0) return null;
  const modelled = total(deltas.downstream, 'spillway_modelled_sleep_seconds_total');
  return { meanMs: meanOfAttemptsMs, modelledMs: (modelled / worked) * 1000 };
}

const attemptSeconds = 'spillway_attempt_duration_seconds';

/** Returns the mean time that an attempt, or a slot of the consumer, took longer than the model says. */
function attemptExcessMs(observed: Observed, path: Path): number {
  const attempt = attemptOf(observed, path);
  if (!attempt) return 0;
  const caller = observed.deltas[callers[path]];
  const slot = 'spillway_delivery_duration_seconds';
  // Otherwise a delivery also has waits of policies, or several attempts, or none.
  const isOneAttempt =
    total(caller, `${slot}_count`) === total(caller, `${attemptSeconds}_count`) &&
    total(caller, 'spillway_policy_actions_total', 'action="queued"') === 0;
  const slotMs = path === 'event' && isOneAttempt ? meanMs(caller, slot) : null;
  return (slotMs ?? attempt.meanMs) - attempt.modelledMs;
}
