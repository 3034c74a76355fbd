import { stallDelayMs } from '#kit/stalls.ts';
import type { Path } from '#kit/wire.ts';
import type { Injected, Observation } from '#lab/analysis/observation/observation.ts';
import type { Limits } from '#lab/analysis/validity/limits.ts';
import type { Requests } from '#lab/evidence/requests.ts';
import { kindOf } from '#lab/faults/kinds.ts';
import { leftAlone, type Span, type StallResult } from '#lab/result/result.ts';
import { isHop } from '#lab/topology/hops.ts';
import { route, servicesBefore } from '#lab/topology/paths.ts';
import { isSameTarget } from '#lab/topology/replicas.ts';
import { countUpTo } from './figures.ts';

/** Stalls of all processes during a run, in ms on the machine's monotonic clock. */
export type Stalls = Observation['stalls'];
export type ProcessStall = Stalls['all'][number];

type ObservedStalls = Pick<Observation, 'stalls' | 'requests' | 'injected' | 'summary' | 'durationMs'>;

/**
 * Least CPU time ÷ length of a gap in which a process was saturated, not stopped. On two cores the testbed's five
 * processes get two fifths of a core each when all of them are busy, and a quarter beside two programs as busy.
 */
const saturatedShare = 0.2;

/**
 * Returns the stalls of the processes on a path with the requests that they affect, without those that faults caused. A
 * process may stand still for less than `stallMs`; a request sent `lagP99Ms` late is also affected. The netproxy is on a
 * path if a fault targets one of its hops.
 */
export function stallResults(
  observed: ObservedStalls,
  path: Path,
  { stallMs, lagP99Ms }: Pick<Limits, 'stallMs' | 'lagP99Ms'>,
  faults: readonly { readonly target: string }[] = [],
): StallResult[] {
  const { stalls, requests, injected, summary, durationMs } = observed;
  const { startedAtMs } = summary;
  const isProxied = faults.some(({ target }) => isHop(target) && route[path].includes(target));
  const onPath: readonly string[] = [
    'generator',
    'downstream',
    ...servicesBefore[path],
    ...(path === 'event' ? ['broker'] : []),
    ...(isProxied ? ['netproxy'] : []),
  ];
  const seen = stalls.all
    .filter(({ process }) => onPath.includes(process.replace(/-\d+$/, '')))
    .flatMap((stall) => withoutFaults(stall, injected, startedAtMs))
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
    // In slow motion a gap is shorter in the experiment's own time. Timers are rounded to 1 ms.
    .filter(({ fromMs, untilMs }) => untilMs - fromMs >= stallMs - 1 && untilMs > 0 && fromMs < durationMs);
  const own = seen.filter(({ process }) => process === 'generator');
  const all = [...seen, ...lateSends(requests, own, Math.max(stallDelayMs, lagP99Ms))];
  const { counts } = affected(requests, all);
  return all
    .map((stall) => ({ ...stall, requests: counts.get(stall)! }))
    .toSorted((a, b) => a.fromMs - b.fromMs);
}

/** Targets whose faults may delay the broker's answers to the publisher, also after their end. */
const beforeBroker = ['nats', 'publisher', 'publisher->nats'] as const;

/**
 * Returns the parts of a stall outside the faults that stop its process, if they are long enough. A stall of the broker that
 * a fault may have caused is left out as a whole.
 */
function withoutFaults(
  stall: ProcessStall,
  injected: readonly Injected[],
  startedAtMs: number,
): ProcessStall[] {
  const isOfBroker = stall.process === 'broker';
  const stops = ({ fault, state }: Injected) => {
    if (state === leftAlone) return false;
    if (isOfBroker) return beforeBroker.some((target) => isSameTarget(target, fault.target));
    const { stops, returns } = kindOf(fault);
    return (returns || stops?.(fault.fault)) && isSameTarget(stall.process, fault.target);
  };
  // A fault takes hold at its time or later.
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
    .filter((part) => part === stall || part.untilMs - part.fromMs >= leastMs)
    .map((part) => ({ ...stall, ...part }));
}

/** Gap that a stall of 30 ms leaves between two samples, 20 ms apart; timers are rounded to 1 ms. */
const leastMs = stallDelayMs + 19;

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
  const during = finder(own);
  for (let index = 0; index < requests.size; index++) {
    const fromMs = requests.scheduledAtMs[index]!;
    const lagMs = requests.lagMs[index]!;
    if (!(lagMs >= lateMs) || during(fromMs)) continue;
    const last = found.at(-1);
    if (last && fromMs <= last.untilMs) last.untilMs = Math.max(last.untilMs, fromMs + lagMs);
    else found.push({ fromMs, untilMs: fromMs + lagMs });
  }
  return found.map((span) => ({ process: 'generator', ...span, cpuMs: 0, cause: 'late', requests: 0 }));
}

/** Time in which an event loop has read everything that arrived during a stall. */
const catchUpMs = 20;

/**
 * Finds the requests that stalls affect: scheduled in one, or ended in one or just after, as their answers may have
 * waited. Returns their number for each stall, and a mark for each request.
 */
export function affected(requests: Requests, stalls: readonly StallResult[]) {
  const marks = new Uint8Array(requests.size);
  const counts = new Map(stalls.map((stall) => [stall, 0]));
  const processes = [...new Set(stalls.map(({ process }) => process))];
  for (const process of processes) {
    const during = finder(stalls.filter((stall) => stall.process === process));
    for (let index = 0; index < requests.size; index++) {
      const scheduledAtMs = requests.scheduledAtMs[index]!;
      const scheduledIn = during(scheduledAtMs);
      const endedIn = during(scheduledAtMs + requests.latencyMs[index]!, catchUpMs);
      for (const stall of new Set([scheduledIn, endedIn])) {
        if (!stall) continue;
        marks[index] = 1;
        counts.set(stall, counts.get(stall)! + 1);
      }
    }
  }
  return { marks, counts };
}

/** Returns a function that finds the stall of one process that a moment is in, or less than `moreMs` after. */
function finder(stalls: readonly StallResult[]) {
  const rising = stalls.toSorted((a, b) => a.fromMs - b.fromMs);
  const starts = rising.map(({ fromMs }) => fromMs);
  return (atMs: number, moreMs = 0): StallResult | undefined => {
    const last = rising[countUpTo(starts, atMs) - 1];
    return last && atMs < last.untilMs + moreMs ? last : undefined;
  };
}
