import { recordedStallMs, stallDelayMs } from '#kit/stalls.ts';
import type { Path } from '#kit/wire.ts';
import type { Requests } from '#lab/evidence/requests.ts';
import { kindOf } from '#lab/experiment/faults/kinds.ts';
import type { Span } from '#lab/experiment/span.ts';
import type { Injected, Observation } from '#lab/judge/observation/observation.ts';
import { leftAlone } from '#lab/judge/result/facts.ts';
import type { StallResult } from '#lab/judge/result/result.ts';
import { isHop } from '#lab/kit/topology/hops.ts';
import { route, servicesBefore } from '#lab/kit/topology/paths.ts';
import { isSameTarget, serviceOf } from '#lab/kit/topology/replicas.ts';
import { countUpTo } from './figures.ts';

/** Stalls of all processes during a run, in ms on the machine's monotonic clock. */
export type Stalls = Observation['stalls'];
export type ProcessStall = Stalls['all'][number];

type ObservedStalls = Pick<Observation, 'stalls' | 'requests' | 'injected' | 'durationMs' | 'slowMotion'> & {
  readonly summary: Pick<Observation['summary'], 'startedAtMs'>;
};

/**
 * CPU time ÷ length of a stall, from which the process counts as saturated and not as stopped. With all of the
 * testbed's five processes busy on two cores, each gets two fifths of a core. With two other busy programs, each gets
 * about a quarter.
 */
const saturatedShare = 0.2;

/**
 * Leaves out stalls off the path, and those of faults. Adds the times in which the generator sent at least
 * `lagP99Ms` late. The netproxy is on the path if a fault targets one of its hops.
 */
export function stallResults(
  observed: ObservedStalls,
  path: Path,
  { lagP99Ms }: { readonly lagP99Ms: number },
  faults: readonly { readonly target: string }[] = [],
): StallResult[] {
  const { stalls, requests, durationMs, slowMotion } = observed;
  const { startedAtMs } = observed.summary;
  const isProxied = faults.some(({ target }) => isHop(target) && route[path].includes(serviceOf(target)));
  const onPath: readonly string[] = [
    'generator',
    'downstream',
    ...servicesBefore[path],
    ...(path === 'event' ? ['broker'] : []),
    ...(isProxied ? ['netproxy'] : []),
  ];
  const seen = standstills(stalls.all.filter(({ process }) => onPath.includes(process.replace(/-\d+$/, ''))))
    .flatMap((stall) => withoutFaults(stall, observed))
    .map(
      ({ process, fromMs, untilMs, cpuMs }): StallResult => ({
        process,
        fromMs: fromMs - startedAtMs,
        untilMs: untilMs - startedAtMs,
        cpuMs,
        cause: cpuMs >= saturatedShare * (untilMs - fromMs) ? 'saturated' : 'stopped',
        requests: 0,
      }),
    )
    .filter(({ fromMs, untilMs }) => untilMs > 0 && fromMs < durationMs);
  const own = seen.filter(({ process }) => process === 'generator');
  // These times are in the experiment's own time, in which slow motion makes stalls shorter.
  const late = lateSends(requests, own, Math.max(stallDelayMs / slowMotion, lagP99Ms));
  const all = [...seen, ...late].toSorted((a, b) => a.fromMs - b.fromMs);
  if (all.length === 0) return all;
  const begins = requests.scheduledAtMs.filter((ms) => ms >= 0).sort();
  const ends = requests.endsMs().sort();
  return all.map((stall) => ({
    ...stall,
    requests: countUpTo(begins, stall.untilMs) - countUpTo(ends, stall.fromMs),
  }));
}

/**
 * Joins stalls of a process between which its event loop turned once. Also joins stalls that overlap, since each replica
 * of the publisher reports the same stall of the broker.
 */
function standstills(stalls: readonly ProcessStall[]): ProcessStall[] {
  const joined: ProcessStall[] = [];
  for (const stall of stalls.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.findLastIndex(({ process }) => process === stall.process);
    const { fromMs, untilMs, cpuMs } = joined[last] ?? { untilMs: -Infinity, fromMs: 0, cpuMs: 0 };
    if (stall.fromMs > untilMs) joined.push(stall);
    else
      joined[last] = {
        ...stall,
        fromMs,
        untilMs: Math.max(untilMs, stall.untilMs),
        cpuMs: cpuMs + stall.cpuMs,
      };
  }
  return joined;
}

/** Targets whose faults may delay the broker's answers to the publisher, even after a fault is cleared. */
const beforeBroker = ['nats', 'publisher', 'publisher->nats'] as const;

/**
 * Returns the parts of a stall during which no fault stopped its process. Leaves out parts that are too short. A stall
 * of the broker is left out as a whole if a fault may have caused it.
 */
function withoutFaults(
  stall: ProcessStall,
  { injected, summary: { startedAtMs }, slowMotion }: ObservedStalls,
): ProcessStall[] {
  const isOfBroker = stall.process === 'broker';
  const stops = ({ fault, state }: Injected) => {
    if (state === leftAlone) return false;
    if (isOfBroker) return beforeBroker.some((target) => isSameTarget(target, fault.target));
    const { stops, returns } = kindOf(fault);
    return (returns || stops?.(fault.fault)) && isSameTarget(stall.process, fault.target);
  };
  // A fault takes effect at `atMs` or later.
  const spans = injected
    .filter(stops)
    .map(({ fault, endedAtMs }) => ({ fromMs: startedAtMs + fault.atMs, untilMs: endedAtMs }));
  if (isOfBroker && spans.some(({ fromMs, untilMs }) => stall.untilMs > fromMs && stall.fromMs < untilMs))
    return [];
  const parts = spans.reduce<readonly Span[]>(
    (parts, span) => parts.flatMap((part) => outside(part, span)),
    [stall],
  );
  return parts
    .filter((part) => part === stall || part.untilMs - part.fromMs >= recordedMs / slowMotion)
    .map((part) => ({ ...stall, ...part }));
}

/** Shortest part of a stall that counts. The 1 ms allows for rounded timers. */
const recordedMs = recordedStallMs - 1;

function outside(part: Span, { fromMs, untilMs }: Span): Span[] {
  if (part.untilMs <= fromMs || part.fromMs >= untilMs) return [part];
  return [
    { fromMs: part.fromMs, untilMs: fromMs },
    { fromMs: untilMs, untilMs: part.untilMs },
  ].filter((rest) => rest.untilMs > rest.fromMs);
}

/** Finds the times in which requests were sent late although the generator did not stall. */
function lateSends(requests: Requests, own: readonly StallResult[], lateMs: number): StallResult[] {
  const found: { fromMs: number; untilMs: number }[] = [];
  const isKnown = (atMs: number) => own.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs);
  for (let index = 0; index < requests.size; index++) {
    const fromMs = requests.scheduledAtMs[index]!;
    const lagMs = requests.lagMs[index]!;
    if (!(lagMs >= lateMs) || isKnown(fromMs)) continue;
    const last = found.at(-1);
    if (last && fromMs <= last.untilMs) last.untilMs = Math.max(last.untilMs, fromMs + lagMs);
    else found.push({ fromMs, untilMs: fromMs + lagMs });
  }
  return found.map((span) => ({ process: 'generator', ...span, cpuMs: 0, cause: 'late', requests: 0 }));
}
