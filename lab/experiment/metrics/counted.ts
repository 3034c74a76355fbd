import type { Outcome, Path } from '#kit/wire.ts';
import type { Span } from '#lab/experiment/span.ts';

/** Counts of a variant, or of one of its windows, from which every metric is computed. Times are in ms. */
export interface Counted {
  /** Window as in hypotheses: `after brownout`; undefined for the whole run. */
  readonly window?: string;
  readonly offered: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Latency of completed requests; null if none completed. */
  readonly latency: Latency | null;
  /** Share of the offered requests that completed within the deadline. */
  readonly goodput: number;
  /** Goodput at other deadlines. */
  readonly goodputByDeadline: readonly { readonly deadlineMs: number; readonly goodput: number }[];
  /** Attempts of the requests that reported how many they made; null if none did. */
  readonly attempts: number | null;
  /** Attempts per request, over the same requests. */
  readonly amplification: number | null;
  /** Requests that did not report how many attempts they made. */
  readonly unreported?: number;
  /** Recovery from the fault or phase that the window follows. */
  readonly recovery?: Recovery;
}

export interface CountedRun extends Counted {
  readonly path: Path;
  readonly windows: readonly CountedWindow[];
  /** Goodput that no policy can exceed; null if the dependency is not Spillway's. */
  readonly ceiling: number | null;
  /** Events without a reported completion whose outcome was decided by an effect or a dead letter. */
  readonly audited: number;
  readonly lost: number;
  readonly redriven: number;
  /** Retries that were made; on the path `event`, the redeliveries that the consumer requested are among them. */
  readonly retries: number;
  /** Retries that policies refused after a failed attempt; null if unknown. */
  readonly refusedRetries: number | null;
  /** Attempts cut off by a timeout or deadline policy. */
  readonly attemptTimeouts: number;
  /** Most attempts at the same time in downstream; null if unknown. */
  readonly peakInFlight: number | null;
  /** CPU time of the processes of downstream's caller; null if it is not measured. */
  readonly cpuMs: number | null;
  readonly effects: { readonly distinct: number; readonly duplicates: number; readonly wasted: number };
  /** Requests that failed, timed out or were dead-lettered, and have an effect. */
  readonly falseErrors: number;
  /** True if downstream's caller was restarted, so that its last counts are lost. */
  readonly isRestarted: boolean;
}

export interface CountedWindow extends Counted {
  readonly window: string;
  /** Span of the scheduled times. */
  readonly span: Span;
}

export type Latency = Readonly<Record<'meanMs' | 'maxMs' | `p${50 | 90 | 95 | 99 | 999}Ms`, number>>;

export interface Recovery {
  /**
   * Time from clearing the fault, or from the end of the phase, until goodput was high enough, and stayed so for
   * `heldMs`. Null if that did not happen before the load ended.
   */
  readonly timeMs: number | null;
  /** True if the variant recovered, or was watched for long enough to know that it did not. */
  readonly reported: boolean;
  /**
   * Lower bound of the time to recover. Without a recovery it may be less than `watchedMs`: goodput may have come back
   * too shortly before the load ended.
   */
  readonly atLeastMs: number;
  /**
   * Time until the backlog was no larger than its maximum before the first fault or phase. Null if that did not happen
   * before the load ended. Undefined if unknown.
   */
  readonly drainMs?: number | null;
  /** Time from clearing the fault, or from the end of the phase, to the end of the load. */
  readonly watchedMs: number;
  /**
   * Good requests expected at the goodput before any fault, minus the measured good requests. Both are of the time from
   * the start of the fault or phase until recovery, or until the load ended.
   */
  readonly lostGoodput: number;
  /**
   * True if most goodput is still missing, no recovery is under way, no fault is active, and the load is no higher than
   * before. Null if unknown.
   */
  readonly metastable: boolean | null;
  /**
   * Defined if a recovery was under way when the load ended: the attempts in flight, or the backlog, were falling.
   * Estimate of the time until they are as low as before, at that rate.
   */
  readonly leftMs?: number;
}

/** True if few requests complete in time, and at least half fail or never end. Refused and late ones don't fail. */
const isCollapsed = ({ offered, goodput, outcomes }: Ends): boolean => {
  const { failed, timeout, dead, pending, unknown } = outcomes;
  return offered > 0 && goodput < 0.2 && failed + timeout + dead + pending + unknown >= offered / 2;
};

export type Ends = Pick<Counted, 'offered' | 'goodput' | 'outcomes'>;

/**
 * Returns the part of a variant that collapsed, if any: the whole variant, or else its last window. Only windows after
 * a fault, after a phase or of a phase count.
 */
export function collapsedPart<W extends Ends & Pick<CountedWindow, 'window' | 'span'>>(
  whole: Ends,
  windows: readonly W[],
): Ends | W | undefined {
  if (isCollapsed(whole)) return whole;
  const last = windows
    .filter(({ window }) => /^(after|phase) /.test(window))
    .toSorted((a, b) => b.span.fromMs - a.span.fromMs)[0];
  // The few requests right after a fault don't show if a variant recovers.
  return last && last.offered >= whole.offered / 10 && isCollapsed(last) ? last : undefined;
}
