// Written by lab/library/write-types.ts from the schemas.

export type Result = {
  /** Version of the format. */
  readonly version: 1;
  /** Version of Spillway. */
  readonly spillway: string;
  /** Verdict; `measured` if there was no hypothesis to judge. */
  readonly status: "held" | "measured" | "failed" | "invalid" | "error" | "interrupted";
  /** See [exit codes](command-line.md#exit-codes). */
  readonly exitCode: number;
  /** Reasons why the run ended early, e.g. a service that died or a Ctrl-C. */
  readonly errors: readonly ({
    /** Kind of the error. */
    readonly name: string;
    readonly message: string;
    /** Variant that the error cut short. It is not among the results. */
    readonly variant?: string | undefined;
    /** Last counts of the generator. */
    readonly counts?: {
      /** Since the first scheduled time. */
      readonly elapsedMs: number;
      /** Requests scheduled up to now, sent or not. */
      readonly offered: number;
      /** Requests sent and not answered yet. */
      readonly inFlight: number;
      /** Finished requests by outcome. During a run, a request answered with 202 is `pending` until its outcome is reported. */
      readonly outcomes: {
        readonly ok?: number | undefined;
        readonly late?: number | undefined;
        readonly failed?: number | undefined;
        readonly timeout?: number | undefined;
        readonly rejected?: number | undefined;
        readonly dropped?: number | undefined;
        readonly dead?: number | undefined;
        readonly pending?: number | undefined;
        readonly unknown?: number | undefined;
        readonly unsent?: number | undefined;
      };
    } | undefined;
  })[];
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
  /** Date and time. */
  readonly startedAt: string;
  /** Duration of the run, with the start and the stop of the testbed. */
  readonly durationMs: number;
  /** Machine that conducted the run. */
  readonly machine: {
    /** Version of Node. */
    readonly node: string;
    /** Version of nats-server. */
    readonly nats: string;
    /** Cores. */
    readonly cpus: number;
    readonly cpuModel: string;
    readonly memoryBytes: number;
    readonly platform: string;
    /** Mean over the minute before the run. */
    readonly loadAverage: number;
  };
  /** Capacity of the dependency for attempts of at most `timeoutMs`. The rates of the load were scaled to it. */
  readonly capacity?: {
    /** Time limit of an attempt. */
    readonly timeoutMs: number;
    /** Capacity for which the rates in the file are written. */
    readonly nominalPerSecond: number;
    /** The capacity, in attempts per second. */
    readonly perSecond: number;
    /** Lower bound of the measured capacity. Missing if `run --capacity` gave the capacity. */
    readonly low?: number | undefined;
    /** Upper bound of the measured capacity. Missing if `run --capacity` gave the capacity. */
    readonly high?: number | undefined;
  } | undefined;
  /** Factor of all durations, and why. Missing if the experiment asks for a factor of 1. All figures are in the experiment's own time. */
  readonly slowMotion?: {
    readonly factor: number;
    /** Factor that was asked for. `auto`: the figures below determined the factor. */
    readonly asked: number | "auto";
    /** Time by which an attempt took longer than its model says, at full speed. */
    readonly overheadMs?: number | undefined;
    /** CPU time per request in all processes but the broker. */
    readonly cpuMs?: number | undefined;
    /** Overhead ÷ healthy latency of an attempt. */
    readonly overheadRatio?: number | undefined;
    /** CPU time used in the busiest 250 ms ÷ CPU time that all cores have in 250 ms. */
    readonly cpuRatio?: number | undefined;
  } | undefined;
  /** True for a control run, which injects no fault. */
  readonly withoutFaults?: boolean | undefined;
  /** True for a simulation: all times are virtual. */
  readonly simulated?: boolean | undefined;
  /** Names of the load agents that shared the requests. Missing if one generator sent all. */
  readonly agents?: readonly string[] | undefined;
  /** Variants that `run --only` left out. Missing if there is none. */
  readonly leftOut?: {
    readonly variants: readonly string[];
    /** Hypotheses that name a variant that was left out. */
    readonly hypotheses: readonly string[];
  } | undefined;
  /** See [validity](hypotheses.md#validity). */
  readonly validity: readonly {
    /** Such as `send lag p99`. */
    readonly name: string;
    readonly variant: string;
    readonly ok: boolean;
    readonly measured: number;
    readonly limit: number;
    readonly unit: string;
    /** Comparison of the measurement with the limit, in words. It is shown after the name and a colon. */
    readonly finding: string;
    /** Sentence: what follows if the check is not ok. */
    readonly meaning: string;
    /** Sentence: what to do. */
    readonly remedy: string;
  }[];
  /** In the order of the file. No verdict if `status` is `invalid`. */
  readonly hypotheses: readonly ({
    /** Hypothesis, or condition of a steady state, as it stands in the file. */
    readonly text: string;
    /** True if it held. Null for a hypothesis on a variant that was not finished when the run ended. */
    readonly ok: boolean | null;
    /** Value of the left side, in the unit of the metric. Null without data; then the hypothesis fails. */
    readonly left: number | null;
    /** Value of the right side, in the same way. */
    readonly right: number | null;
    /** Reason why a side has no value, or only a lower bound. */
    readonly reason?: string | undefined;
    /** Only with several rounds. `left` and `right` are then means over the rounds. */
    readonly rounds?: {
      /** Number of rounds. */
      readonly of: number;
      /** Rounds in which the hypothesis held. */
      readonly held: number;
      /** Lower end of the 95 % interval of left − right. */
      readonly low: number;
      /** Upper end of the interval. */
      readonly high: number;
    } | undefined;
  })[];
  /** With `--repeat`, means over the rounds. Times of recovery are then medians, and a flag has the value of most rounds. First errors, stalls and predictions are only in the result of each round. */
  readonly variants: readonly ({
    readonly name: string;
    readonly path: "rpc" | "event";
    /** Line for a reader, from the file; may be empty. */
    readonly description: string;
    /** Complete configuration in force, by process, with defaults filled in. */
    readonly config: Readonly<Record<string, unknown>>;
    /** Requests of the load. */
    readonly offered: number;
    /** Requests by outcome. They add up to `offered`. */
    readonly outcomes: {
      readonly ok: number;
      readonly late: number;
      readonly failed: number;
      readonly timeout: number;
      readonly rejected: number;
      readonly dropped: number;
      readonly dead: number;
      readonly pending: number;
      readonly unknown: number;
      readonly unsent: number;
    };
    /** Time from the scheduled time to the completion, over completed requests (`ok` and `late`). Null if none completed. */
    readonly latency: {
      /** Number of measured values. */
      readonly count: number;
      readonly meanMs: number;
      /** Median. */
      readonly p50Ms: number;
      readonly p90Ms: number;
      readonly p95Ms: number;
      readonly p99Ms: number;
      /** 99.9 % are at most this. */
      readonly p999Ms: number;
      readonly maxMs: number;
    } | null;
    /** Goodput for a rising series of deadlines, the experiment's own among them. */
    readonly goodputByDeadline: readonly {
      readonly deadlineMs: number;
      readonly goodput: number;
    }[];
    /** Requests that completed within the experiment's deadline ÷ offered requests. */
    readonly goodput: number;
    /** Goodput of each round, with `--repeat`. */
    readonly goodputs?: readonly {
      readonly seed: number;
      readonly goodput: number;
    }[] | undefined;
    /** Reasons why requests failed, as the generator received them. For dead events, the reasons that the consumer counted. */
    readonly firstErrors: {
      readonly ok?: readonly {
        /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
        readonly reason: string;
        /** Requests with this reason. */
        readonly count: number;
        /** Scheduled time of the first of these requests. */
        readonly firstAtMs: number;
      }[] | undefined;
      readonly late?: readonly {
        /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
        readonly reason: string;
        /** Requests with this reason. */
        readonly count: number;
        /** Scheduled time of the first of these requests. */
        readonly firstAtMs: number;
      }[] | undefined;
      readonly failed?: readonly {
        /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
        readonly reason: string;
        /** Requests with this reason. */
        readonly count: number;
        /** Scheduled time of the first of these requests. */
        readonly firstAtMs: number;
      }[] | undefined;
      readonly timeout?: readonly {
        /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
        readonly reason: string;
        /** Requests with this reason. */
        readonly count: number;
        /** Scheduled time of the first of these requests. */
        readonly firstAtMs: number;
      }[] | undefined;
      readonly rejected?: readonly {
        /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
        readonly reason: string;
        /** Requests with this reason. */
        readonly count: number;
        /** Scheduled time of the first of these requests. */
        readonly firstAtMs: number;
      }[] | undefined;
      readonly dropped?: readonly {
        /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
        readonly reason: string;
        /** Requests with this reason. */
        readonly count: number;
        /** Scheduled time of the first of these requests. */
        readonly firstAtMs: number;
      }[] | undefined;
      readonly dead?: readonly {
        /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
        readonly reason: string;
        /** Requests with this reason. */
        readonly count: number;
        /** Scheduled time of the first of these requests. */
        readonly firstAtMs: number;
      }[] | undefined;
      readonly pending?: readonly {
        /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
        readonly reason: string;
        /** Requests with this reason. */
        readonly count: number;
        /** Scheduled time of the first of these requests. */
        readonly firstAtMs: number;
      }[] | undefined;
      readonly unknown?: readonly {
        /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
        readonly reason: string;
        /** Requests with this reason. */
        readonly count: number;
        /** Scheduled time of the first of these requests. */
        readonly firstAtMs: number;
      }[] | undefined;
      readonly unsent?: readonly {
        /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
        readonly reason: string;
        /** Requests with this reason. */
        readonly count: number;
        /** Scheduled time of the first of these requests. */
        readonly firstAtMs: number;
      }[] | undefined;
    };
    /** Outermost first. */
    readonly policies: readonly {
      readonly policy: string;
      /** Position in the pipeline from 0, outermost first. */
      readonly position: number;
      /** Number of times by action: refused, retried, opened, queued, timed-out. */
      readonly acted: Readonly<Record<string, number>>;
      /** Reason why the policy never acted, if known. Otherwise empty. */
      readonly note: string;
    }[];
    /** Events without a reported completion whose outcome was decided by an effect or a dead letter. */
    readonly recovered: number;
    /** Accepted events that were found nowhere. */
    readonly lost: number;
    /** Attempts at downstream. */
    readonly attempts: number;
    /** Retries by a retry policy, on the path `rpc` without the refused ones. On the path `event`, redeliveries that the consumer requested are added. If the gateway or consumer is not Spillway's: attempts after the first of a request. */
    readonly retries: number;
    /** Retries refused after a failed attempt, by the policy that refused. Missing if the gateway or consumer is not Spillway's. */
    readonly refusedRetries?: Readonly<Record<string, number>> | undefined;
    /** Attempts cut off by a timeout or deadline policy. */
    readonly attemptTimeouts: number;
    /** Attempts ÷ offered requests. */
    readonly amplification: number;
    /** Most attempts in flight at the same time in downstream, also between samples. With several replicas, the sum of their peaks. */
    readonly peakInFlight: number | null;
    readonly effects: {
      /** Requests with an effect. */
      readonly distinct: number;
      /** Effects beyond the first of a request. */
      readonly duplicates: number;
      /** Effects whose caller had disconnected. */
      readonly wasted: number;
    };
    /** From the first scheduled time to the end of the drain. */
    readonly durationMs: number;
    /** Effects of the testbed itself on the measurement. */
    readonly self: {
      /** Time from scheduled to sent. */
      readonly lag: {
        /** Number of measured values. */
        readonly count: number;
        readonly meanMs: number;
        /** Median. */
        readonly p50Ms: number;
        readonly p90Ms: number;
        readonly p95Ms: number;
        readonly p99Ms: number;
        /** 99.9 % are at most this. */
        readonly p999Ms: number;
        readonly maxMs: number;
      };
      /** Time by which downstream slept longer than its model says. */
      readonly sleepExcess: {
        /** Number of measured values. */
        readonly count: number;
        readonly meanMs: number;
        /** Median. */
        readonly p50Ms: number;
        readonly p90Ms: number;
        readonly p95Ms: number;
        readonly p99Ms: number;
        /** 99.9 % are at most this. */
        readonly p999Ms: number;
        readonly maxMs: number;
      } | null;
      /** Null if no service of Spillway made an attempt. */
      readonly attempt?: {
        /** Mean duration of an attempt. */
        readonly meanMs: number;
        /** Mean sleep of the model. */
        readonly modelledMs: number;
      } | null | undefined;
      /** Overhead per hop, fitted from the evidence. Null if it is unknown. */
      readonly overhead?: {
        /** From the generator to the gateway and back; only on the path `rpc`. */
        readonly gatewayMs?: number | undefined;
        /** From the generator to the stream and back; only on the path `event`. */
        readonly publishMs?: number | undefined;
        /** From the stream to the consumer and back; only on the path `event`. */
        readonly deliverMs?: number | undefined;
        /** From the gateway or the consumer to downstream and back. */
        readonly downstreamMs: number;
      } | null | undefined;
      /** Largest error of the clocks in comparisons of effects with requests. Missing in a simulation, which has one clock. */
      readonly comparedWithinMs?: number | undefined;
      /** Clocks of the processes, compared with the lab's clock. Missing in a simulation. */
      readonly clocks?: readonly {
        readonly process: string;
        /** Time on the clock of the process minus time on the lab's clock, before the load. */
        readonly offsetMs: number;
        /** Change of the offset until the end of the run. */
        readonly driftMs: number;
        /** Largest error of the offset, in the middle of the run. */
        readonly errorMs: number;
      }[] | undefined;
      /** Processes on the variant's path. */
      readonly processes: readonly ({
        readonly name: string;
        /** p99 of the delay of the event loop. Null for the generator, whose delay is `lag`. */
        readonly loopDelayP99Ms: number | null;
        /** CPU time used. */
        readonly cpuMs: number;
        /** True if its event loop ran so late that the process itself limited the system. */
        readonly saturated: boolean;
        /** True if the process was restarted. If it was killed, its last counts are missing from all figures. */
        readonly restarted: boolean;
      })[];
    };
    /** Faults of the experiment. */
    readonly faults: readonly ({
      readonly name: string;
      readonly target: string;
      /** Servers of the broker that the target named by their role. */
      readonly servers?: readonly string[] | undefined;
      /** State of the target: `killed`, `paused` … */
      readonly state: string;
      /** True if the variant's requests pass the target. */
      readonly onPath: boolean;
      /** Span that the experiment asks for. */
      readonly asked: {
        /** Since the first scheduled time. */
        readonly fromMs: number;
        /** Since the first scheduled time. */
        readonly untilMs: number;
      };
      /** Span in which the fault was in force; null if it never was. */
      readonly took: {
        /** Since the first scheduled time. */
        readonly fromMs: number;
        /** Since the first scheduled time. */
        readonly untilMs: number;
      } | null;
      /** Attempts that the fault affected; null if they aren't counted. */
      readonly affected?: number | null | undefined;
    })[];
    /** Redrives of dead letters. */
    readonly redrives: readonly ({
      /** Scheduled begin, since the first scheduled time. */
      readonly atMs: number;
      readonly ratePerSecond: number;
      /** Span in which the redrive ran; null if the run ended before that. */
      readonly took: {
        /** Since the first scheduled time. */
        readonly fromMs: number;
        /** Since the first scheduled time. */
        readonly untilMs: number;
      } | null;
      /** Events sent again. An event that is redriven twice counts twice. */
      readonly redriven: number;
      /** Dead letters that the redrive did not reach. */
      readonly left: number;
      /** Reason why the redrive failed; null if it did not fail. */
      readonly failure: string | null;
    })[];
    /** Stalls that no fault of the experiment caused. */
    readonly stalls: readonly ({
      readonly process: string;
      /** Since the first scheduled time. */
      readonly fromMs: number;
      /** Since the first scheduled time. */
      readonly untilMs: number;
      /** CPU time that the process used during the stall; 0 if `cause` is `late`. */
      readonly cpuMs: number;
      /** `saturated`: the process used the CPU itself. `stopped`: it was stopped or had no CPU. `late`: the generator sent late, but did not stand still. */
      readonly cause: "saturated" | "stopped" | "late";
      /** Requests that were scheduled during the stall, or that ended during the stall or just after it. */
      readonly requests: number;
    })[];
    /** Windows before, during and after each fault, of each phase (if there are several), of each class, of the steady state, and those that hypotheses or forecasts name. */
    readonly windows: readonly ({
      /** Name in hypotheses: `after brownout`. */
      readonly name: string;
      /** Span of the scheduled times. Null if the fault of the window was never in force. */
      readonly span: {
        /** Since the first scheduled time. */
        readonly fromMs: number;
        /** Since the first scheduled time. */
        readonly untilMs: number;
      } | null;
      /** Requests of the load. */
      readonly offered: number;
      /** Requests by outcome. They add up to `offered`. */
      readonly outcomes: {
        readonly ok: number;
        readonly late: number;
        readonly failed: number;
        readonly timeout: number;
        readonly rejected: number;
        readonly dropped: number;
        readonly dead: number;
        readonly pending: number;
        readonly unknown: number;
        readonly unsent: number;
      };
      /** Time from the scheduled time to the completion, over completed requests (`ok` and `late`). Null if none completed. */
      readonly latency: {
        /** Number of measured values. */
        readonly count: number;
        readonly meanMs: number;
        /** Median. */
        readonly p50Ms: number;
        readonly p90Ms: number;
        readonly p95Ms: number;
        readonly p99Ms: number;
        /** 99.9 % are at most this. */
        readonly p999Ms: number;
        readonly maxMs: number;
      } | null;
      /** Goodput for a rising series of deadlines, the experiment's own among them. */
      readonly goodputByDeadline: readonly {
        readonly deadlineMs: number;
        readonly goodput: number;
      }[];
      /** Requests that completed within the experiment's deadline ÷ offered requests. */
      readonly goodput: number;
      /** Attempts, over the requests that reported how many they made. Null if none did. */
      readonly attempts?: number | null | undefined;
      /** Mean attempts per request, over the requests that reported how many they made. */
      readonly amplification?: number | null | undefined;
      /** Requests that did not report how many attempts they made. */
      readonly unreported?: number | undefined;
      /** Only for windows after a fault that was in force, or after a phase. */
      readonly recovery?: {
        /** Time from clearing the fault, or from the end of the phase, until goodput was high enough, and stayed so for `heldMs`. Null if that did not happen before the load ended. */
        readonly timeMs: number | null;
        /** True if the variant recovered, or was watched for long enough to know that it did not. */
        readonly reported: boolean;
        /** Lower bound of the time to recover. Without a recovery it may be less than `watchedMs`: goodput may have come back too shortly before the load ended. */
        readonly atLeastMs: number;
        /** Time from clearing the fault, or from the end of the phase, until the backlog was no larger than its maximum before the first fault or phase. Null if that did not happen before the load ended. Missing if unknown. */
        readonly drainMs?: number | null | undefined;
        /** Time from clearing the fault, or from the end of the phase, to the end of the load. */
        readonly watchedMs: number;
        /** Good requests expected at the goodput before any fault, minus the measured good requests. Both are of the time from the start of the fault or phase until recovery, or until the load ended. */
        readonly lostGoodput: number;
        /** True if most goodput is still missing, no recovery is under way, no fault is active, and the load is no higher than before. Null if unknown. */
        readonly metastable: boolean | null;
      } | undefined;
    })[];
    /** Comparison of the witnesses, see [ledger](ledger.md). */
    readonly ledger: {
      /** True if no check failed. */
      readonly balanced: boolean;
      /** Checks. Each compares the counts of witnesses with each other, or with an expected value. */
      readonly checks: readonly {
        readonly name: string;
        readonly ok: boolean;
        /** Count of each witness. */
        readonly witnesses: Readonly<Record<string, number>>;
        /** Remark, e.g. which witnesses differ, or why they were not compared. May be empty. */
        readonly note: string;
      }[];
    };
    /** Forecast beside the measurement. */
    readonly predictions: readonly ({
      /** Name of the metric: `ok`, `retries`, `goodput250Ms` … */
      readonly metric: string;
      /** Predicted value, or the lower end of a predicted range. */
      readonly predicted: number;
      /** Upper end of a range. */
      readonly predictedMax?: number | undefined;
      readonly measured: number | null;
      readonly ok: boolean;
      /** `±10 %`, `±5 points`, or `±20.5` for a count. `±31 and ±10 %` if the ends of a range have different tolerances. */
      readonly tolerance: string;
      /** Explanation of the difference, from measurements; empty if it agrees. */
      readonly why: string;
    })[];
    /** Values over time. */
    readonly series: {
      /** Time since the first scheduled time. */
      readonly tMs: readonly number[];
      /** Requests per second scheduled in the interval that begins at `tMs`. */
      readonly offered: readonly (number | null)[];
      /** Requests per second that were scheduled in the interval that begins at `tMs`, and completed within the deadline. */
      readonly goodput: readonly (number | null)[];
      /** Attempts in flight at downstream. */
      readonly inFlight: readonly (number | null)[];
      /** Retries per second, refused ones included; on the path `event`, redeliveries are added. */
      readonly retries: readonly (number | null)[];
      /** 0 closed, 1 half-open, 2 open; null without a breaker. */
      readonly breaker: readonly (number | null)[];
      /** Path `rpc`: calls in the queue of the bulkhead. Path `event`: unfinished events in the stream. */
      readonly backlog: readonly (number | null)[];
      /** Dead letters so far. */
      readonly dead: readonly (number | null)[];
    };
  })[];
  /** Results of each round, with `--repeat`. */
  readonly rounds?: readonly ({
    readonly seed: number;
    /** Verdict; `measured` if there was no hypothesis to judge. */
    readonly status: "held" | "measured" | "failed" | "invalid" | "error" | "interrupted";
    readonly variants: readonly ({
      readonly name: string;
      /** Value by metric, in the unit of the metric. Null if there was nothing to measure. */
      readonly values: Readonly<Record<string, number | null>>;
      /** True if the variant collapsed, as the metric [`collapsed`](hypotheses.md#metrics) defines it. */
      readonly collapsed: boolean;
      /** Entries, one for each window with a recovery: after a fault that was in force, or after a phase. */
      readonly recoveries: readonly ({
        readonly window: string;
        readonly recovery: {
          /** Time from clearing the fault, or from the end of the phase, until goodput was high enough, and stayed so for `heldMs`. Null if that did not happen before the load ended. */
          readonly timeMs: number | null;
          /** True if the variant recovered, or was watched for long enough to know that it did not. */
          readonly reported: boolean;
          /** Lower bound of the time to recover. Without a recovery it may be less than `watchedMs`: goodput may have come back too shortly before the load ended. */
          readonly atLeastMs: number;
          /** Time from clearing the fault, or from the end of the phase, until the backlog was no larger than its maximum before the first fault or phase. Null if that did not happen before the load ended. Missing if unknown. */
          readonly drainMs?: number | null | undefined;
          /** Time from clearing the fault, or from the end of the phase, to the end of the load. */
          readonly watchedMs: number;
          /** Good requests expected at the goodput before any fault, minus the measured good requests. Both are of the time from the start of the fault or phase until recovery, or until the load ended. */
          readonly lostGoodput: number;
          /** True if most goodput is still missing, no recovery is under way, no fault is active, and the load is no higher than before. Null if unknown. */
          readonly metastable: boolean | null;
        };
      })[];
    })[];
  })[] | undefined;
  /** The same experiment simulated after the run, see [simulate](../how-to/simulate.md). */
  readonly simulations?: {
    /** Simulated seeds; none if nothing was simulated. */
    readonly seeds: readonly number[];
    /** Sentence: why nothing was simulated. */
    readonly reason?: string | undefined;
    readonly variants: readonly ({
      readonly name: string;
      /** Overhead per hop, fitted from the evidence; null if unknown. */
      readonly overhead: {
        /** From the generator to the gateway and back; only on the path `rpc`. */
        readonly gatewayMs?: number | undefined;
        /** From the generator to the stream and back; only on the path `event`. */
        readonly publishMs?: number | undefined;
        /** From the stream to the consumer and back; only on the path `event`. */
        readonly deliverMs?: number | undefined;
        /** From the gateway or the consumer to downstream and back. */
        readonly downstreamMs: number;
      } | null;
      /** Sentence: why the variant was not simulated. */
      readonly reason?: string | undefined;
      readonly figures: readonly ({
        /** `goodput`, `amplification`, `p50` or `p99`. */
        readonly metric: string;
        /** Simulated without overhead. Null if no simulation had a value. */
        readonly ideal: {
          /** Mean over the seeds. */
          readonly mean: number;
          /** Lower end of the interval in which a measurement lies with a probability of 95 %. */
          readonly low: number;
          /** Upper end of the interval. */
          readonly high: number;
        } | null;
        /** Simulated with the overhead per hop. Null if the overhead is unknown. */
        readonly withOverhead: {
          /** Mean over the seeds. */
          readonly mean: number;
          /** Lower end of the interval in which a measurement lies with a probability of 95 %. */
          readonly low: number;
          /** Upper end of the interval. */
          readonly high: number;
        } | null;
        /** Measured value; with several rounds, the mean over the rounds. */
        readonly measured: number | null;
        /** `agrees`: the measurement agrees with both simulations, `ideal` and `withOverhead`. `explained`: it agrees only with `withOverhead`. `differs`: it does not agree with `withOverhead`. `unjudged`: a value is missing, or a percentile has fewer than 1,000 completed requests. */
        readonly verdict: "agrees" | "explained" | "differs" | "unjudged";
      })[];
    })[];
  } | undefined;
};

export type RunRecord = {
  readonly record: "run";
  /** Version of the format. */
  readonly version: number;
  /** Version of Spillway. */
  readonly spillway: string;
  /** The file's name without its ending. */
  readonly name: string;
  /** Path of the experiment file. */
  readonly file: string;
  /** Text of the file. */
  readonly source: string;
  /** The experiment as checked: with defaults and the options of the command line. */
  readonly experiment: object;
  /** Options of the command line that override the file. */
  readonly instead: {
    readonly seed?: number | undefined;
    readonly repeat?: number | undefined;
    readonly slowMotion?: number | "auto" | undefined;
  };
  /** The shell command that repeats the run. */
  readonly command: string;
  /** Date and time. */
  readonly startedAt: string;
  /** State of the machine before the run began. The record `run` of each round repeats it. */
  readonly machine: {
    /** Version of Node. */
    readonly node: string;
    /** Version of nats-server. */
    readonly nats: string;
    /** Cores. */
    readonly cpus: number;
    readonly cpuModel: string;
    readonly memoryBytes: number;
    readonly platform: string;
    /** Mean over the minute before the run. */
    readonly loadAverage: number;
  };
  /** Number of the round, from 0. The round begins with the variant at index `turn` modulo the number of variants, in the order of the file. */
  readonly turn: number;
  /** True for a control run, which injects no fault. */
  readonly withoutFaults: boolean;
  /** True for a simulation: all times are virtual. */
  readonly simulated?: boolean | undefined;
  /** Variants that `run --only` left out. Missing if there is none. */
  readonly leftOut?: {
    readonly variants: readonly string[];
    /** Hypotheses that name a variant that was left out. */
    readonly hypotheses: readonly string[];
  } | undefined;
  /** Names of the load agents that shared the requests. Missing if one generator sent all. */
  readonly agents?: readonly string[] | undefined;
} | {
  readonly record: "round";
  /** Seed of the round. */
  readonly seed: number;
  /** Ms since the run began. */
  readonly atMs: number;
} | {
  readonly record: "testbed";
  /** Version of the broker. */
  readonly nats: string;
  /** Services that aren't Spillway's. */
  readonly foreign: readonly ("downstream" | "gateway" | "publisher" | "consumer")[];
} | {
  readonly record: "slow-motion";
  /** Factor and reason. */
  readonly pace: {
    readonly factor: number;
    /** Factor that was asked for. `auto`: the figures below determined the factor. */
    readonly asked: number | "auto";
    /** Time by which an attempt took longer than its model says, at full speed. */
    readonly overheadMs?: number | undefined;
    /** CPU time per request in all processes but the broker. */
    readonly cpuMs?: number | undefined;
    /** Overhead ÷ healthy latency of an attempt. */
    readonly overheadRatio?: number | undefined;
    /** CPU time used in the busiest 250 ms ÷ CPU time that all cores have in 250 ms. */
    readonly cpuRatio?: number | undefined;
  };
} | {
  readonly record: "capacity";
  readonly capacity: {
    /** Time limit of an attempt. */
    readonly timeoutMs: number;
    /** Capacity for which the rates in the file are written. */
    readonly nominalPerSecond: number;
    readonly perSecond: number;
    /** Lower bound of the measured capacity. Missing if `run --capacity` gave the capacity. */
    readonly low?: number | undefined;
    /** Upper bound of the measured capacity. Missing if `run --capacity` gave the capacity. */
    readonly high?: number | undefined;
  };
  /** Failed validity checks of the measurement. */
  readonly doubts: readonly {
    /** Such as `send lag p99`. */
    readonly name: string;
    readonly variant: string;
    readonly ok: boolean;
    readonly measured: number;
    readonly limit: number;
    readonly unit: string;
    /** Comparison of the measurement with the limit, in words. It is shown after the name and a colon. */
    readonly finding: string;
    /** Sentence: what follows if the check is not ok. */
    readonly meaning: string;
    /** Sentence: what to do. */
    readonly remedy: string;
  }[];
} | {
  readonly record: "variant";
  /** Name of the variant. */
  readonly name: string;
  /** Ms since the run began. */
  readonly atMs: number;
} | {
  readonly record: "complete";
  /** Name of the variant. */
  readonly name: string;
  /** Ms since the run began. */
  readonly atMs: number;
} | {
  readonly record: "error";
  /** Kind of the error. */
  readonly name: string;
  readonly message: string;
  /** Variant that the error cut short. It is not among the results. */
  readonly variant?: string | undefined;
  /** Last counts of the generator. */
  readonly counts?: {
    /** Since the first scheduled time. */
    readonly elapsedMs: number;
    /** Requests scheduled up to now, sent or not. */
    readonly offered: number;
    /** Requests sent and not answered yet. */
    readonly inFlight: number;
    /** Finished requests by outcome. During a run, a request answered with 202 is `pending` until its outcome is reported. */
    readonly outcomes: {
      readonly ok?: number | undefined;
      readonly late?: number | undefined;
      readonly failed?: number | undefined;
      readonly timeout?: number | undefined;
      readonly rejected?: number | undefined;
      readonly dropped?: number | undefined;
      readonly dead?: number | undefined;
      readonly pending?: number | undefined;
      readonly unknown?: number | undefined;
      readonly unsent?: number | undefined;
    };
  } | undefined;
} | {
  readonly record: "end";
  /** Ms since the run began. */
  readonly atMs: number;
  /** True if the run was interrupted. */
  readonly interrupted: boolean;
};

export type VariantRecord = {
  readonly record: "configs";
  /** Configuration by process. */
  readonly of: Readonly<Record<string, unknown>>;
  /** Options of the broker; null if unknown, as with `attach` or in a simulation. @default {} */
  readonly broker: {
    /** Number of servers. Several form a cluster; faults target nats-1, nats-2 …, nats-leader, nats-minority, nats-majority, or all (nats). @default 1 */
    readonly servers: 1 | 3 | 5;
    /** Number of servers that store each stream. An event is acknowledged when a majority of them has stored it. @default 1 */
    readonly replicas: 1 | 3 | 5;
    /** When the broker syncs to disk: at an interval (nats-server's default, every 2 minutes) or always (before each acknowledgement). @default "interval" */
    readonly sync: "interval" | "always";
  } | null;
} | {
  readonly record: "warm-up";
  /** Requests of the warm-up that did not end. */
  readonly unfinished: number;
  /** Reasons why requests of the warm-up failed. */
  readonly firstErrors: {
    readonly ok?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly late?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly failed?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly timeout?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly rejected?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly dropped?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly dead?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly pending?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly unknown?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly unsent?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
  };
} | {
  readonly record: "scrape";
  /** Name of the process. */
  readonly process: string;
  /** Ms on the monotonic clock of the lab's machine. */
  readonly atMs: number;
  /** True if a fault had stopped the process until this scrape. */
  readonly afterHalt: boolean;
  /** Values by series; null is NaN. */
  readonly counters: Readonly<Record<string, number | null>>;
} | {
  readonly record: "started";
  /** Ms on the monotonic clock of the lab's machine. */
  readonly atMs: number;
} | {
  readonly record: "progress";
  /** Since the first scheduled time. */
  readonly elapsedMs: number;
  /** Requests scheduled up to now, sent or not. */
  readonly offered: number;
  /** Requests sent and not answered yet. */
  readonly inFlight: number;
  /** Finished requests by outcome. During a run, a request answered with 202 is `pending` until its outcome is reported. */
  readonly outcomes: {
    readonly ok?: number | undefined;
    readonly late?: number | undefined;
    readonly failed?: number | undefined;
    readonly timeout?: number | undefined;
    readonly rejected?: number | undefined;
    readonly dropped?: number | undefined;
    readonly dead?: number | undefined;
    readonly pending?: number | undefined;
    readonly unknown?: number | undefined;
    readonly unsent?: number | undefined;
  };
} | {
  readonly record: "sample";
  /** Ms on the monotonic clock of the lab's machine. */
  readonly atMs: number;
  /** Values by process, then by series. Null for a process that did not respond. */
  readonly processes: Readonly<Record<string, Readonly<Record<string, number | null>> | null>>;
} | {
  readonly record: "active-faults";
  /** Ms on the monotonic clock of the lab's machine. */
  readonly atMs: number;
  /** Faults that are active from `atMs` on. */
  readonly names: readonly string[];
} | {
  readonly record: "fault";
  /** Name of the fault. */
  readonly name: string;
  /** State of the target: `killed`, `paused` … */
  readonly state: string;
  /** Servers of the broker that the target named by their role. */
  readonly servers?: readonly string[] | undefined;
  /** Ms on the monotonic clock of the lab's machine. */
  readonly beganAtMs: number;
  /** Ms on the monotonic clock of the lab's machine. */
  readonly endedAtMs: number;
} | {
  readonly record: "redrive";
  /** Span in which the redrive ran; null if it never began. */
  readonly took: {
    /** Since the first scheduled time. */
    readonly fromMs: number;
    /** Since the first scheduled time. */
    readonly untilMs: number;
  } | null;
  /** Ids of the dead letters whose events were sent again. */
  readonly redriven: readonly string[];
  /** Ids of the dead letters whose events an earlier redrive had sent already. */
  readonly repeated: readonly string[];
  /** Dead letters whose events could not be sent. */
  readonly skipped: readonly {
    readonly id: string;
    readonly reason: string;
  }[];
  /** Ids of the dead letters that the redrive did not reach. */
  readonly left: readonly string[];
  /** Reason why the redrive failed; null if it did not fail. */
  readonly failure: string | null;
} | {
  readonly record: "unsteady";
  /** Conditions that failed, in the form of hypotheses. */
  readonly missed: readonly ({
    /** Hypothesis, or condition of a steady state, as it stands in the file. */
    readonly text: string;
    /** True if it held. Null for a hypothesis on a variant that was not finished when the run ended. */
    readonly ok: boolean | null;
    /** Value of the left side, in the unit of the metric. Null without data; then the hypothesis fails. */
    readonly left: number | null;
    /** Value of the right side, in the same way. */
    readonly right: number | null;
    /** Reason why a side has no value, or only a lower bound. */
    readonly reason?: string | undefined;
    /** Only with several rounds. `left` and `right` are then means over the rounds. */
    readonly rounds?: {
      /** Number of rounds. */
      readonly of: number;
      /** Rounds in which the hypothesis held. */
      readonly held: number;
      /** Lower end of the 95 % interval of left − right. */
      readonly low: number;
      /** Upper end of the interval. */
      readonly high: number;
    } | undefined;
  })[];
} | {
  readonly record: "summary";
  /** Since the first scheduled time. */
  readonly elapsedMs: number;
  /** Requests scheduled up to now, sent or not. */
  readonly offered: number;
  /** Requests sent and not answered yet. */
  readonly inFlight: number;
  /** Finished requests by outcome. During a run, a request answered with 202 is `pending` until its outcome is reported. */
  readonly outcomes: {
    readonly ok?: number | undefined;
    readonly late?: number | undefined;
    readonly failed?: number | undefined;
    readonly timeout?: number | undefined;
    readonly rejected?: number | undefined;
    readonly dropped?: number | undefined;
    readonly dead?: number | undefined;
    readonly pending?: number | undefined;
    readonly unknown?: number | undefined;
    readonly unsent?: number | undefined;
  };
  /** Ms on the monotonic clock of the lab's machine. */
  readonly startedAtMs: number;
  /** Requests in the plan. */
  readonly planned: number;
  /** Answers with the status 202. */
  readonly accepted: number;
  /** Sum of the times from the scheduled time to these answers. */
  readonly acceptedMs?: number | undefined;
  /** Accepted answers that reported the event as a duplicate. */
  readonly duplicates: number;
  /** Reasons why requests failed. */
  readonly firstErrors: {
    readonly ok?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly late?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly failed?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly timeout?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly rejected?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly dropped?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly dead?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly pending?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly unknown?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
    readonly unsent?: readonly {
      /** Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown. */
      readonly reason: string;
      /** Requests with this reason. */
      readonly count: number;
      /** Scheduled time of the first of these requests. */
      readonly firstAtMs: number;
    }[] | undefined;
  };
  /** CPU time of the generator. */
  readonly cpuMs: number;
  /** Peak memory of the generator. */
  readonly rssPeakBytes: number;
} | {
  readonly record: "remains";
  /** Events in the stream, above the ack floor of the consumer. */
  readonly pending: readonly number[];
  /** Ids of events that are still in the stream, although they are at or below the consumer's ack floor. */
  readonly behind: readonly string[];
  /** Ids of those pending events that were delivered already. */
  readonly delivered: readonly string[];
  /** Delivered events that the consumer has not acknowledged. */
  readonly unacknowledged: number;
  /** Events with a dead letter. */
  readonly dead: readonly number[];
  /** Receipts that the consumer stored: one for each dead letter, when its redriven event first arrived. They reveal repeated redrives. */
  readonly receipts: number;
  /** Deliveries that the broker made. */
  readonly deliveries?: number | undefined;
} | {
  readonly record: "clocks";
  /** Processes whose times are in the evidence. */
  readonly processes: readonly ({
    /** Name of the process; with `load agent ` before it for a load agent. */
    readonly process: string;
    /** At least one before and one after the load, in the order of time. */
    readonly readings: readonly ({
      /** Ms on the monotonic clock of the lab's machine. */
      readonly atMs: number;
      /** Time on the clock of the process minus time on the lab's clock. */
      readonly offsetMs: number;
      /** Largest error of the offset. */
      readonly errorMs: number;
      /** True if the process and the lab read the same clock. The offset is then 0. */
      readonly shared: boolean;
      /** Boot of the machine, and time namespace of the process. Missing if the system has no such id. */
      readonly clockId?: string | undefined;
    })[];
    /** True for a load agent. Its times are on the lab's clock already, by its first reading. */
    readonly agent?: boolean | undefined;
    /** Lines of the process in `effects.ndjson`, where processes have the same order as here. Only of downstream. */
    readonly effects?: number | undefined;
  })[];
  /** Wall clocks, minus the clock of the lab. Only with the policy `deadline` on the path `event`, where the consumer subtracts the time at which the broker stored an event from its own. */
  readonly wallClocks?: readonly {
    /** `broker` or a consumer. */
    readonly process: string;
    /** Ms on the monotonic clock of the lab's machine. */
    readonly atMs: number;
    /** Time on the clock of the process minus time on the lab's clock. */
    readonly offsetMs: number;
    /** Largest error of the offset. */
    readonly errorMs: number;
  }[] | undefined;
} | {
  readonly record: "stalls";
  /** Stalls of all processes. */
  readonly all: readonly {
    readonly process: string;
    /** Ms on the machine's monotonic clock. */
    readonly fromMs: number;
    /** Ms on the machine's monotonic clock. */
    readonly untilMs: number;
    /** CPU time that the process used during the stall. A stopped process uses little. */
    readonly cpuMs: number;
  }[];
  /** Processes whose list of stalls was full, so that some are missing. */
  readonly incomplete: readonly string[];
} | {
  readonly record: "tampering";
  /** A sentence for each change. */
  readonly findings: readonly string[];
} | {
  readonly record: "end";
  /** Ms on the monotonic clock of the lab's machine. */
  readonly atMs: number;
  /** Attempts that were still under way when the drain was over. */
  readonly atWork: number;
};
