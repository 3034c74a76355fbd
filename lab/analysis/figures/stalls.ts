import { type Stall, stallDelayMs } from '#kit/stalls.ts';
import type { Path } from '#kit/wire.ts';
import type { Injected } from '#lab/analysis/observation/observation.ts';
import type { Limits } from '#lab/analysis/validity/limits.ts';
import type { Requests } from '#lab/evidence/requests.ts';
import { kindOf } from '#lab/faults/kinds.ts';
import { leftAlone, type Span, type StallResult } from '#lab/result/incidents.ts';
import { isHop } from '#lab/topology/hops.ts';
import { route, servicesBefore } from '#lab/topology/paths.ts';
import { isSameTarget } from '#lab/topology/replicas.ts';

/** A stall of a process, in ms on the machine's monotonic clock. */
export interface ProcessStall extends Omit<Stall, 'process'> {
  readonly process: string;
}

/** The stalls of all processes during a run. */
export interface Stalls {
  readonly all: readonly ProcessStall[];
  /** Processes whose list had no room for all of them. */
  readonly incomplete: readonly string[];
}

interface Observed {
  readonly stalls: Stalls;
  readonly requests: Requests;
  readonly injected: readonly Injected[];
  readonly summary: { readonly startedAtMs: number };
  readonly durationMs: number;
}

/**
 * Least CPU time ÷ length of a gap in which a process was saturated, not stopped. On two cores the testbed's five
 * processes get two fifths of a core each when all of them are busy, and a quarter beside two programs as busy.
 */
const saturatedShare = 0.2;

/**
 * The stalls of the processes on a path with what they affect; without those that faults caused. A process may
 * stand still for less than `stallMs`; a request that is sent `lagP99Ms` late is affected, too. The netproxy is on a path
 * where one of the faults is for one of its hops.
 */
export function stallResults(
  observed: Observed,
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
    .map(({ process, fromMs, untilMs, cpuMs }): StallResult => {
      const cause = cpuMs >= saturatedShare * (untilMs - fromMs) ? 'saturated' : 'stopped';
      return {
        process,
        fromMs: fromMs - startedAtMs,
        untilMs: untilMs - startedAtMs,
        cpuMs,
        cause,
        requests: 0,
      };
    })
    // In slow motion a gap is shorter in the experiment's own time. Timers are rounded to 1 ms.
    .filter(({ fromMs, untilMs }) => untilMs - fromMs >= stallMs - 1 && untilMs > 0 && fromMs < durationMs);
  const own = seen.filter(({ process }) => process === 'generator');
  const all = [...seen, ...lateSends(requests, own, Math.max(stallDelayMs, lagP99Ms))];
  const { counts } = affected(requests, all);
  return all
    .map((stall) => ({ ...stall, requests: counts.get(stall)! }))
    .toSorted((a, b) => a.fromMs - b.fromMs);
}

/** Targets whose faults may delay the broker's answers to the publisher, also for a while after their end. */
const beforeBroker = ['nats', 'publisher', 'publisher->nats'] as const;

/**
 * Returns the parts of a stall outside the faults that stop its process, if they are long enough for a stall. One of the
 * broker that a fault may have caused is left out as a whole.
 */
function withoutFaults(
  stall: ProcessStall,
  injected: readonly Injected[],
  startedAtMs: number,
): ProcessStall[] {
  const isOfBroker = stall.process === 'broker';
  const stops = ({ fault, done }: Injected) => {
    if (done === leftAlone) return false;
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

/** The gap that a stall of 30 ms leaves between two samples, 20 ms apart; timers are rounded to 1 ms. */
const leastMs = stallDelayMs + 19;

function outside(part: Span, { fromMs, untilMs }: Span): Span[] {
  if (part.untilMs <= fromMs || part.fromMs >= untilMs) return [part];
  return [
    { fromMs: part.fromMs, untilMs: fromMs },
    { fromMs: untilMs, untilMs: part.untilMs },
  ].filter((rest) => rest.untilMs > rest.fromMs);
}

/** Times in which requests were sent too late though the generator did not stand still. */
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

/** An event loop that goes on needs this long at most to read what came while it stood still. */
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

/** Finds the stall of one process in which a moment lies, or that ended less than `moreMs` before it. */
function finder(stalls: readonly StallResult[]) {
  const rising = stalls.toSorted((a, b) => a.fromMs - b.fromMs);
  return (atMs: number, moreMs = 0): StallResult | undefined => {
    let low = 0;
    let high = rising.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rising[middle]!.fromMs <= atMs) low = middle + 1;
      else high = middle;
    }
    const last = rising[low - 1];
    return last && atMs < last.untilMs + moreMs ? last : undefined;
  };
}
