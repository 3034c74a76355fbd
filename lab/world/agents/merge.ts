import { addAll, emptyDistribution } from '#kit/counters.ts';
import { buckets } from '#kit/metrics.ts';
import type { Stall, Stalled } from '#kit/stalls.ts';
import { type Outcome, outcomes } from '#kit/wire.ts';
import { merged as mergedReasons } from '#load/first-errors.ts';
import type { Progress, Summary, WarmUp } from '#load/protocol.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const sumOf = <K extends string>(parts: readonly Readonly<Record<K, number>>[], name: K): number =>
  sum(parts.map((part) => part[name]));

/** Adds up the counts of agents at a time. */
export function mergeCounts(parts: readonly Progress[], elapsedMs: number): Progress {
  const byOutcome = outcomes.flatMap((outcome): [Outcome, number][] => {
    const count = sum(parts.map((part) => part.outcomes[outcome] ?? 0));
    return count > 0 ? [[outcome, count]] : [];
  });
  return {
    elapsedMs,
    offered: sumOf(parts, 'offered'),
    inFlight: sumOf(parts, 'inFlight'),
    outcomes: Object.fromEntries(byOutcome),
    latencies: parts.reduce((all, { latencies }) => addAll(all, latencies), emptyDistribution(buckets)),
  };
}

export const mergeWarmUps = (parts: readonly WarmUp[]): WarmUp => ({
  unfinished: sumOf(parts, 'unfinished'),
  firstErrors: mergedReasons(parts.map(({ firstErrors }) => firstErrors)),
});

/** Merges the summaries of agents that have the same start time. Memory and CPU time are those of all agents. */
export function mergeSummaries(parts: readonly Summary[], startedAtMs: number): Summary {
  return {
    ...mergeCounts(parts, Math.max(...parts.map(({ elapsedMs }) => elapsedMs))),
    startedAtMs,
    planned: sumOf(parts, 'planned'),
    accepted: sumOf(parts, 'accepted'),
    acceptedMs: sumOf(parts, 'acceptedMs'),
    duplicates: sumOf(parts, 'duplicates'),
    firstErrors: mergedReasons(parts.map(({ firstErrors }) => firstErrors)),
    cpuMs: sumOf(parts, 'cpuMs'),
    rssPeakBytes: sumOf(parts, 'rssPeakBytes'),
    stalled: mergeStalls(parts.map(({ stalled }) => stalled)),
  };
}

/** Merges overlapping stalls of several agents into one, which has the greatest of their CPU times. */
export function mergeStalls(parts: readonly Stalled[]): Stalled {
  const stalls: Stall[] = [];
  const all = parts.flatMap((part) => part.stalls).sort((a, b) => a.fromMs - b.fromMs);
  for (const { fromMs, untilMs, cpuMs } of all) {
    const last = stalls.at(-1);
    if (!last || fromMs >= last.untilMs) stalls.push({ fromMs, untilMs, cpuMs });
    else
      stalls[stalls.length - 1] = {
        fromMs: last.fromMs,
        untilMs: Math.max(last.untilMs, untilMs),
        cpuMs: Math.max(last.cpuMs, cpuMs),
      };
  }
  return { stalls, complete: parts.every(({ complete }) => complete) };
}

/** Progress of several agents, in the order of their shares. */
export class MergedProgress {
  readonly #last: (Progress | undefined)[];
  readonly #recordedMs: number[];
  readonly #fresh = new Set<number>();
  readonly #ended = new Set<number>();

  constructor(agents: number) {
    this.#last = new Array(agents).fill(undefined);
    this.#recordedMs = new Array(agents).fill(0);
  }

  /**
   * Adds the counts of an agent. Returns the merged counts if all running agents have reported since the last merged
   * counts; else undefined.
   */
  add(agent: number, counts: Progress): Progress | undefined {
    this.#last[agent] = counts;
    this.#fresh.add(agent);
    if (this.#last.some((_, index) => !this.#fresh.has(index) && !this.#ended.has(index))) return undefined;
    this.#fresh.clear();
    const all = this.#last.filter((each) => each !== undefined);
    const running = all.filter((_, index) => !this.#ended.has(index));
    return mergeCounts(all, Math.min(...running.map(({ elapsedMs }) => elapsedMs)));
  }

  /** Takes the final counts of an agent. */
  end(agent: number, counts: Progress): void {
    this.#last[agent] = counts;
    this.#ended.add(agent);
    this.#recordedMs[agent] = Number.POSITIVE_INFINITY;
  }

  /** Takes the time until which an agent's record is complete. Returns the time until which all records are. */
  recorded(agent: number, elapsedMs: number): number {
    this.#recordedMs[agent] = elapsedMs;
    return Math.min(...this.#recordedMs);
  }
}
