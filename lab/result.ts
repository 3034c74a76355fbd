import type { Outcome } from '#kit/wire.ts';
import type { Counts, Percentiles } from '#load/protocol.ts';

/** What `result.json` holds: everything the report shows. A change that breaks readers raises the version. */
export interface Result {
  readonly version: 1;
  /** Spillway's own version. */
  readonly spillway: string;
  readonly status: Status;
  readonly exitCode: number;
  /** What ended the run early, e.g. a service that died or a Ctrl-C. */
  readonly errors: readonly RunError[];
  readonly experiment: {
    /** The file's name without its ending: `01-burst`. */
    readonly name: string;
    readonly file: string;
    readonly title: string;
    readonly description: string;
    readonly seed: number;
    readonly deadlineMs: number;
    /** The YAML text as it was read. */
    readonly source: string;
  };
  /** The shell command that repeats this run. */
  readonly command: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly machine: {
    readonly node: string;
    readonly nats: string;
    readonly cpus: number;
    readonly cpuModel: string;
    readonly memoryBytes: number;
    readonly platform: string;
    /** One-minute load average when the run began. */
    readonly loadAverage: number;
  };
  readonly validity: readonly ValidityCheck[];
  readonly hypotheses: readonly HypothesisResult[];
  readonly variants: readonly VariantResult[];
}

export interface RunError {
  readonly name: string;
  readonly message: string;
  /** The variant that it cut short, if it did; that one is not among the results. */
  readonly variant?: string;
  /** What the generator had last said of it. */
  readonly counts?: Counts;
}

/** A run that asks nothing is only measured. */
export type Status = 'held' | 'measured' | 'failed' | 'invalid' | 'error' | 'interrupted';

/** One way in which the measurement itself may be off. */
export interface ValidityCheck {
  /** e.g. `send lag p99`. */
  readonly name: string;
  readonly variant: string;
  readonly ok: boolean;
  readonly measured: number;
  readonly limit: number;
  /** `ms`, `requests` … */
  readonly unit: string;
  /** What was measured against the limit, in words that go on after a colon. */
  readonly finding: string;
  /** What follows for the reader when it is not ok, a sentence. */
  readonly meaning: string;
  /** What to do then, a sentence. */
  readonly remedy: string;
}

export interface HypothesisResult {
  /** As in the file. */
  readonly text: string;
  /** Null where it was not judged, because the run ended before a variant of it was finished. */
  readonly ok: boolean | null;
  /** Both sides' values in the unit of the metric; null where there was no data, and then it fails. */
  readonly left: number | null;
  readonly right: number | null;
  /** Why it could not be judged, e.g. no data. */
  readonly reason?: string;
}

export interface VariantResult {
  readonly name: string;
  readonly path: 'rpc' | 'event';
  /** One line for a reader, from the file; may be empty. */
  readonly description: string;
  /** The complete configuration that was in force, defaults filled in: what the diff between variants compares. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly offered: number;
  /** All ten outcomes, zeros included; they add up to `offered`. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Event outcomes that the generator never heard of and the audit took from the effect log or the dead letters. */
  readonly recovered: number;
  /** Accepted events found nowhere. */
  readonly lost: number;
  readonly attempts: number;
  readonly retries: number;
  /** Attempts that ran into the timeout policy. */
  readonly attemptTimeouts: number;
  /** attempts ÷ offered. */
  readonly amplification: number;
  /** The most attempts that downstream worked on at once, also between samples; missing in results from before. */
  readonly peakInFlight?: number | null;
  readonly effects: {
    readonly distinct: number;
    /** Effects beyond the first of a request. */
    readonly duplicates: number;
    /** Effects whose caller had given up. */
    readonly wasted: number;
  };
  /** Due time to the effect's news, of the requests that had an effect (`ok` and `late`); null when there are none. */
  readonly latency: Percentiles | null;
  /** Goodput (effects within D ÷ offered) for a rising series of deadlines D; the experiment's own is among them. */
  readonly goodputByDeadline: readonly { readonly deadlineMs: number; readonly goodput: number }[];
  /** Effects within the experiment's deadline ÷ offered. */
  readonly goodput: number;
  /** From the first due time to the end of the drain. */
  readonly durationMs: number;
  readonly self: {
    readonly lag: Percentiles;
    /** Downstream's real sleep minus the modelled one. */
    readonly sleepExcess: Percentiles | null;
    /**
     * Of the processes on the variant's path: event-loop delay (p99 within the variant), which is null for the generator,
     * whose lag says more, and CPU time used.
     */
    readonly processes: readonly {
      readonly name: string;
      readonly loopDelayP99Ms: number | null;
      readonly cpuMs: number;
      readonly saturated: boolean;
      /** It was killed: what it counted in its last moments is in none of the figures. */
      readonly restarted: boolean;
    }[];
  };
  /** What became of each of the experiment's faults; a file of an older version has none. */
  readonly faults?: readonly FaultResult[];
  readonly ledger: Ledger;
  /** Values expected beforehand, beside what was measured. */
  readonly predictions: readonly Prediction[];
  /** Columns of equal length; null where nothing was measured. */
  readonly series: Series;
}

/** A fault in one variant. */
export interface FaultResult {
  readonly name: string;
  readonly target: string;
  /** `killed`, `paused` … */
  readonly done: string;
  /** Whether the variant's requests pass the target. */
  readonly onPath: boolean;
  readonly asked: Span;
  /** When it was really in force; null when it never was. */
  readonly took: Span | null;
}

/** Times since the first due time. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Ledger {
  readonly balanced: boolean;
  /** Each compares what two or three witnesses say of the same count. */
  readonly checks: readonly {
    /** e.g. `every ok has an effect`. */
    readonly name: string;
    readonly ok: boolean;
    /** Witness → count. */
    readonly witnesses: Readonly<Record<string, number>>;
    /** What is off, or why a witness is partial; empty when all is well. */
    readonly note: string;
  }[];
}

export interface Prediction {
  /** A metric's name: `ok`, `retries`, `goodput250Ms` … */
  readonly metric: string;
  readonly predicted: number;
  readonly measured: number | null;
  readonly ok: boolean;
  /** How the tolerance was applied: `±10 %` or `±5 points`. */
  readonly tolerance: string;
  /** Why it differs, from measurements; empty when it agrees. */
  readonly why: string;
}

export interface Series {
  /** Since the first due time. */
  readonly tMs: readonly number[];
  /** Requests per second due in the interval that begins at t. */
  readonly offered: readonly (number | null)[];
  /** Requests per second that were due in this interval and had their effect within the deadline. */
  readonly goodput: readonly (number | null)[];
  /** Attempts in flight at downstream. */
  readonly inFlight: readonly (number | null)[];
  /** Retries (or redeliveries) per second. */
  readonly retries: readonly (number | null)[];
  /** 0 closed, 1 half-open, 2 open; null without a breaker. */
  readonly breaker: readonly (number | null)[];
  /** Requests accepted and not finished: the bulkhead's queue (rpc), the stream's messages (event). */
  readonly backlog: readonly (number | null)[];
  /** Dead letters so far. */
  readonly dead: readonly (number | null)[];
}
