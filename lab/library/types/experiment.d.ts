// Written by lab/library/write-types.ts from the schemas.

export type Experiment = {
  /** Title in one line; line breaks become spaces. */
  readonly title: string;
  /** Purpose, in a few lines for newcomers. @default "" */
  readonly description?: string | undefined;
  /** Determines arrivals, draws and jitter. @default 1 */
  readonly seed?: number | undefined;
  /** Number of rounds, each with fresh processes and the next seed. With several rounds, figures have intervals. @default 1 */
  readonly repeat?: number | undefined;
  /** Longest time from the scheduled time to the reported completion. A later result is worthless to the caller. */
  readonly deadlineMs: number;
  /** Multiplies every duration and divides every rate by a whole number, so that a slow machine can run the experiment. Results are converted back to the times in the file. `auto` measures what a request costs on this machine, and picks 1, 2, 4 or 8. @default 1 */
  readonly slowMotion?: number | string | undefined;
  /** Phases, run one after another; at most 1,000,000 requests in all. */
  readonly load: readonly ({
    /** For reports. */
    readonly name?: string | undefined;
    /** When requests are scheduled. */
    readonly arrivals: {
      readonly kind: "constant";
      /** Requests per second. */
      readonly ratePerSecond: number;
      /** Duration of the phase. */
      readonly forMs: number;
    } | {
      readonly kind: "poisson";
      /** Requests per second on average. */
      readonly ratePerSecond: number;
      /** Duration of the phase. */
      readonly forMs: number;
    } | {
      readonly kind: "bursts";
      /** Number of requests in all. */
      readonly total: number;
      /** Number of requests in a burst. The last burst may be smaller. */
      readonly size: number;
      /** Time from the start of a burst to the start of the next. */
      readonly everyMs: number;
      /** Time over which a burst is spread evenly; at most `everyMs`. */
      readonly spreadMs: number;
    } | {
      readonly kind: "ramp";
      /** Requests per second at the start. */
      readonly fromPerSecond: number;
      /** Requests per second at the end. */
      readonly toPerSecond: number;
      /** Duration of the phase. */
      readonly forMs: number;
    } | {
      readonly kind: "sine";
      /** Requests per second on average. */
      readonly meanPerSecond: number;
      /** Largest difference of the rate from the mean; at most the mean. */
      readonly amplitudePerSecond: number;
      /** Time from peak to peak. */
      readonly periodMs: number;
      /** Duration of the phase. */
      readonly forMs: number;
    } | {
      readonly kind: "replay";
      /** Scheduled times after the start of the phase. */
      readonly atMs?: readonly number[] | undefined;
      /** Text or CSV file of at most 64 MiB, with a scheduled time in ms on each line. The time is in the column `scheduledAtMs` if the first line names it, otherwise in the first column. */
      readonly file?: string | undefined;
      /** Factor of all times in the file: 2 replays it at half its speed. @default 1 */
      readonly stretch?: number | undefined;
    };
  })[];
  /** Scales the rates of the load to the dependency's capacity, which `run` measures first. */
  readonly capacity?: {
    /** Capacity, in attempts per second, for which the rates in this file were chosen. */
    readonly nominalPerSecond: number;
    /** Time limit of an attempt. The capacity is the highest rate at which at most 5 % of attempts take longer than that, or fail because of the load. */
    readonly timeoutMs: number;
  } | undefined;
  /** Shares of the requests by class, drawn at random, the same in every variant: { slow: 0.05 }. Policies, hypotheses and faults of downstream can be limited to a class. @default {} */
  readonly classes?: Readonly<Record<string, number>> | undefined;
  /** The dependency. @default {} */
  readonly downstream?: {
    /** Time that work takes, and how often it fails. @default {"kind":"congestion"} */
    readonly model?: {
      readonly kind: "congestion";
      /** The knee, in requests in flight, is a tenth of this number. @default 250 */
      readonly capacityRps?: number | undefined;
      /** Shortest latency. @default 8 */
      readonly baseLatencyMs?: number | undefined;
      /** Longest random time added to the base latency. All times from 0 are equally likely. @default 6 */
      readonly jitterMs?: number | undefined;
      /** Failure ratio below the knee. @default 0.05 */
      readonly failureRatio?: number | undefined;
      /** Latency added above the knee, multiplied by in flight ÷ knee − 1. @default 50 */
      readonly overloadLatencyMs?: number | undefined;
      /** Failure ratio added above the knee, multiplied by in flight ÷ knee − 1. @default 0.4 */
      readonly overloadFailureRatio?: number | undefined;
      /** Highest failure ratio at any load. @default 0.95 */
      readonly failureRatioMax?: number | undefined;
    } | {
      readonly kind: "fixed";
      /** Latency of each attempt. @default 0 */
      readonly latencyMs?: number | undefined;
      /** Share of the attempts that fail. @default 0 */
      readonly failureRatio?: number | undefined;
    } | {
      readonly kind: "queue";
      /** Number of attempts served at once. @default 1 */
      readonly servers?: number | undefined;
      /** Mean service time of an attempt. @default 10 */
      readonly serviceMs?: number | undefined;
      /** Distribution of the service time: exponential as in M/M/c, or constant. @default "exponential" */
      readonly service?: "exponential" | "constant" | undefined;
      /** Maximum number of waiting attempts. Further attempts fail at once. @default 1000000 */
      readonly waitingMax?: number | undefined;
      /** Share of the attempts that fail. @default 0 */
      readonly failureRatio?: number | undefined;
    } | undefined;
    /** True if downstream detects a second effect of a request, and does not commit it. @default true */
    readonly idempotent?: boolean | undefined;
    /** Handling of work that takes longer than its caller will wait (`x-timeout-ms`). `ignore` continues it, `stop` stops it when the wait ends, `refuse` refuses it at once. @default "ignore" */
    readonly deadlines?: "ignore" | "stop" | "refuse" | undefined;
    /** True if work stops when its caller disconnects. In most real systems the work continues. @default false */
    readonly abandonOnAbort?: boolean | undefined;
    /** Form of the calls of your own service. Downstream accepts them as well as its usual `POST /work`, whose body holds the id. Simulations ignore this field. */
    readonly accepts?: {
      /** Method of the calls. Default: any. */
      readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
      /** Path without query. `{id}` stands for the id. `*` stands for one part of the path, or at the end for all further parts. @default "/*" */
      readonly path?: string | undefined;
      /** Place of the id, if the path has none: one of these fields. By default the header x-request-id has the id. */
      readonly id?: {
        /** Header that holds the id, such as `x-request-id`. In `traceparent` the trace id tells which request it is. */
        readonly header: string;
      } | {
        /** Parameter of the query that holds the id. */
        readonly query: string;
      } | {
        /** Field of the JSON body that holds the id, such as `order.number` or `items.0.sku`. */
        readonly body: string;
      } | undefined;
      /** Answer to a successful call. @default {} */
      readonly answer?: {
        /** Status of a successful call. @default 200 */
        readonly status?: number | undefined;
        /** Header content-type. @default "application/json" */
        readonly contentType?: string | undefined;
        /** Body. `{id}` stands for the id. Default: that of `POST /work`. */
        readonly body?: string | undefined;
      } | undefined;
    } | undefined;
  } | undefined;
  /** Number of processes of each service. A fault targets one process (consumer-2) or all (consumer). @default {} */
  readonly replicas?: {
    /** Number of gateway processes. The load distributes its requests to them round robin. @default 1 */
    readonly gateway?: number | undefined;
    /** Number of publisher processes. The load distributes its requests to them round robin. @default 1 */
    readonly publisher?: number | undefined;
    /** Number of consumer processes. They share the events of one stream. @default 1 */
    readonly consumer?: number | undefined;
    /** Number of downstream processes. Callers distribute attempts to them round robin. Each process counts only its own requests in flight. @default 1 */
    readonly downstream?: number | undefined;
  } | undefined;
  /** Request for your own service in the place of Spillway's gateway or publisher. In path, headers and body, {id} stands for the request's id, and {env:NAME} for an environment variable, such as a secret. Simulations ignore it. */
  readonly request?: {
    /** @default "POST" */
    readonly method?: "POST" | "PUT" | "PATCH" | "GET" | "DELETE" | undefined;
    /** Path with query. Default: `/rpc`, on the path event `/events`. */
    readonly path?: string | undefined;
    /** Headers by name, at most 50. Spillway adds these unless given: content-type, x-request-id, x-timeout-ms, x-class and traceparent. @default {} */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /** Body. GET and DELETE have none. Default: `{"id":"{id}"}`. */
    readonly body?: string | undefined;
    /** Statuses that mean success. Default: 200, on the path event 202. */
    readonly success?: readonly number[] | undefined;
    /** With https: accepts any certificate. Only for tests, since any server could then answer. @default false */
    readonly insecure?: boolean | undefined;
  } | undefined;
  /** Map of variants by name. All run with the same load and the same draws. */
  readonly variants: Readonly<Record<string, {
    readonly path: "rpc";
    /** Line for the reader. @default "" */
    readonly description?: string | undefined;
    /** Number of callers of a closed loop. Each sends its next request when its last one has ended. An accepted event does not end before its completion or dead letter. Latency counts from sending. Without this field requests are sent at their scheduled times. */
    readonly callers?: number | undefined;
    /** Replaces `downstream` of the experiment for this variant. */
    readonly downstream?: {
      /** Time that work takes, and how often it fails. @default {"kind":"congestion"} */
      readonly model?: {
        readonly kind: "congestion";
        /** The knee, in requests in flight, is a tenth of this number. @default 250 */
        readonly capacityRps?: number | undefined;
        /** Shortest latency. @default 8 */
        readonly baseLatencyMs?: number | undefined;
        /** Longest random time added to the base latency. All times from 0 are equally likely. @default 6 */
        readonly jitterMs?: number | undefined;
        /** Failure ratio below the knee. @default 0.05 */
        readonly failureRatio?: number | undefined;
        /** Latency added above the knee, multiplied by in flight ÷ knee − 1. @default 50 */
        readonly overloadLatencyMs?: number | undefined;
        /** Failure ratio added above the knee, multiplied by in flight ÷ knee − 1. @default 0.4 */
        readonly overloadFailureRatio?: number | undefined;
        /** Highest failure ratio at any load. @default 0.95 */
        readonly failureRatioMax?: number | undefined;
      } | {
        readonly kind: "fixed";
        /** Latency of each attempt. @default 0 */
        readonly latencyMs?: number | undefined;
        /** Share of the attempts that fail. @default 0 */
        readonly failureRatio?: number | undefined;
      } | {
        readonly kind: "queue";
        /** Number of attempts served at once. @default 1 */
        readonly servers?: number | undefined;
        /** Mean service time of an attempt. @default 10 */
        readonly serviceMs?: number | undefined;
        /** Distribution of the service time: exponential as in M/M/c, or constant. @default "exponential" */
        readonly service?: "exponential" | "constant" | undefined;
        /** Maximum number of waiting attempts. Further attempts fail at once. @default 1000000 */
        readonly waitingMax?: number | undefined;
        /** Share of the attempts that fail. @default 0 */
        readonly failureRatio?: number | undefined;
      } | undefined;
      /** True if downstream detects a second effect of a request, and does not commit it. @default true */
      readonly idempotent?: boolean | undefined;
      /** Handling of work that takes longer than its caller will wait (`x-timeout-ms`). `ignore` continues it, `stop` stops it when the wait ends, `refuse` refuses it at once. @default "ignore" */
      readonly deadlines?: "ignore" | "stop" | "refuse" | undefined;
      /** True if work stops when its caller disconnects. In most real systems the work continues. @default false */
      readonly abandonOnAbort?: boolean | undefined;
      /** Form of the calls of your own service. Downstream accepts them as well as its usual `POST /work`, whose body holds the id. Simulations ignore this field. */
      readonly accepts?: {
        /** Method of the calls. Default: any. */
        readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
        /** Path without query. `{id}` stands for the id. `*` stands for one part of the path, or at the end for all further parts. @default "/*" */
        readonly path?: string | undefined;
        /** Place of the id, if the path has none: one of these fields. By default the header x-request-id has the id. */
        readonly id?: {
          /** Header that holds the id, such as `x-request-id`. In `traceparent` the trace id tells which request it is. */
          readonly header: string;
        } | {
          /** Parameter of the query that holds the id. */
          readonly query: string;
        } | {
          /** Field of the JSON body that holds the id, such as `order.number` or `items.0.sku`. */
          readonly body: string;
        } | undefined;
        /** Answer to a successful call. @default {} */
        readonly answer?: {
          /** Status of a successful call. @default 200 */
          readonly status?: number | undefined;
          /** Header content-type. @default "application/json" */
          readonly contentType?: string | undefined;
          /** Body. `{id}` stands for the id. Default: that of `POST /work`. */
          readonly body?: string | undefined;
        } | undefined;
      } | undefined;
    } | undefined;
    /** Replaces `request` of the experiment for this variant. */
    readonly request?: {
      /** @default "POST" */
      readonly method?: "POST" | "PUT" | "PATCH" | "GET" | "DELETE" | undefined;
      /** Path with query. Default: `/rpc`, on the path event `/events`. */
      readonly path?: string | undefined;
      /** Headers by name, at most 50. Spillway adds these unless given: content-type, x-request-id, x-timeout-ms, x-class and traceparent. @default {} */
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** Body. GET and DELETE have none. Default: `{"id":"{id}"}`. */
      readonly body?: string | undefined;
      /** Statuses that mean success. Default: 200, on the path event 202. */
      readonly success?: readonly number[] | undefined;
      /** With https: accepts any certificate. Only for tests, since any server could then answer. @default false */
      readonly insecure?: boolean | undefined;
    } | undefined;
    /** Policies of a call, outermost first. @default [] */
    readonly policies?: readonly ({
      /** Gives up when the caller's time (`x-timeout-ms`) is over. Sends the time that is left with each attempt. Inside a retry policy it limits each attempt; around a retry policy, it limits the whole call. */
      readonly deadline: {
        /** Longest duration of a call. If the caller's time is shorter, that applies. */
        readonly ms?: number | undefined;
        /** Part of the caller's time that is reserved for returning the answer. @default 0 */
        readonly marginMs?: number | undefined;
        /** Refuses calls with at most this much time left. @default 0 */
        readonly leastMs?: number | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    } | {
      /** Tries again after an error. */
      readonly retry: {
        /** Maximum number of tries after the first. @default 3 */
        readonly maxRetries?: number | undefined;
        /** Wait before the next try. @default {"kind":"exponential"} */
        readonly backoff?: {
          readonly kind: "constant";
          /** Wait before each retry. */
          readonly delayMs: number;
          /** For a delay d: `none` waits d, `full` a random time from 0 to d, `equal` a random time from d/2 to d. @default "none" */
          readonly jitter?: "none" | "full" | "equal" | undefined;
        } | {
          readonly kind: "exponential";
          /** Wait before the first retry. It doubles with each further retry. @default 20 */
          readonly baseMs?: number | undefined;
          /** Longest wait. @default 400 */
          readonly capMs?: number | undefined;
          /** Randomness of the wait: `none`, `full` and `equal` as for `constant`. `decorrelated` waits a random time from `baseMs` to 3 · the previous wait, at most `capMs`. @default "full" */
          readonly jitter?: "none" | "full" | "equal" | "decorrelated" | undefined;
        } | undefined;
        /** True if a refusal by an inner policy is also retried. @default false */
        readonly retryRejected?: boolean | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    } | {
      /** Refuses retries beyond a budget. It belongs inside the retry policy. A redelivery counts as a retry. */
      readonly budget: {
        readonly kind: "finagle";
        /** Time for which the budget remembers requests and retries. @default 10000 */
        readonly ttlMs?: number | undefined;
        /** Number of retries for each request. @default 0.2 */
        readonly ratio?: number | undefined;
        /** Number of retries per second allowed in addition, even without any requests. @default 10 */
        readonly minPerSecond?: number | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      } | {
        readonly kind: "grpc";
        /** Initial and maximum number of tokens. @default 10 */
        readonly maxTokens?: number | undefined;
        /** Tokens gained by a success. @default 0.1 */
        readonly tokenRatio?: number | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      } | {
        readonly kind: "aws";
        /** Initial and maximum number of tokens. @default 500 */
        readonly capacity?: number | undefined;
        /** Tokens that a retry costs. @default 5 */
        readonly retryCost?: number | undefined;
        /** Tokens that a retry after a timeout costs. @default 10 */
        readonly timeoutRetryCost?: number | undefined;
        /** Tokens gained by a success at the first try. @default 1 */
        readonly successGain?: number | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    } | {
      /** Refuses calls for a while when too many have failed. */
      readonly breaker: {
        /** The results that decide whether the breaker opens. */
        readonly window: {
          readonly kind: "count";
          /** Number of results. @default 20 */
          readonly size?: number | undefined;
        } | {
          readonly kind: "time";
          /** Length of the time span. @default 10000 */
          readonly ms?: number | undefined;
          /** Number of parts of the time span. Old results are forgotten one part at a time. @default 10 */
          readonly buckets?: number | undefined;
        };
        /** Results required in the window before the breaker can open. Default: `size` in a count window, 20 in a time window. */
        readonly minimumCalls?: number | undefined;
        /** Opens at this number of failures in the window. */
        readonly failures?: number | undefined;
        /** Opens at this share of failures in the window. */
        readonly failureRatio?: number | undefined;
        /** Duration above which a call is slow. */
        readonly slowCallMs?: number | undefined;
        /** Opens at this share of slow calls in the window. */
        readonly slowRatio?: number | undefined;
        /** Time for which an open breaker refuses calls. @default 5000 */
        readonly openMs?: number | undefined;
        /** Lengthens or shortens each open time at random, by up to this share. @default 0 */
        readonly openJitter?: number | undefined;
        /** State after the open time. @default {"kind":"trial"} */
        readonly halfOpen?: {
          readonly kind: "trial";
          /** Number of trial calls. All must succeed. @default 1 */
          readonly calls?: number | undefined;
          /** Longest time in half-open. If the trial calls bring no verdict in this time, the breaker opens again. 0: without limit. @default 60000 */
          readonly maxWaitMs?: number | undefined;
        } | {
          readonly kind: "none";
        } | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    } | {
      /** Limits the calls under way and in the queue. */
      readonly bulkhead: {
        /** Maximum number of calls under way. */
        readonly concurrency: number;
        /** Maximum number of calls that wait for a slot, first come, first served. Further calls are refused. @default 0 */
        readonly queue?: number | undefined;
        /** Longest wait for a slot, after which a call is refused. */
        readonly queueTimeoutMs?: number | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    } | {
      /** Gives up on a call that takes longer than `ms`. */
      readonly timeout: {
        /** Longest duration of a call, including the policies inside this one. */
        readonly ms: number;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    })[] | undefined;
    /** Forecast values, shown beside the measurement. Differences do not affect the verdict. A figure that depends on chance is a range: `rejected: [950, 1650]`. A key can also be a hypothesis term without the variant: `timeToDrain(after outage): 8s`. */
    readonly predicted?: {
      readonly offered?: number | readonly number[] | undefined;
      readonly ok?: number | readonly number[] | undefined;
      readonly late?: number | readonly number[] | undefined;
      readonly failed?: number | readonly number[] | undefined;
      readonly timeout?: number | readonly number[] | undefined;
      readonly rejected?: number | readonly number[] | undefined;
      readonly dropped?: number | readonly number[] | undefined;
      readonly dead?: number | readonly number[] | undefined;
      readonly pending?: number | readonly number[] | undefined;
      readonly unknown?: number | readonly number[] | undefined;
      readonly unsent?: number | readonly number[] | undefined;
      readonly completed?: number | readonly number[] | undefined;
      readonly errors?: number | readonly number[] | undefined;
      readonly lost?: number | readonly number[] | undefined;
      readonly redriven?: number | readonly number[] | undefined;
      readonly collapsed?: number | readonly number[] | undefined;
      readonly attempts?: number | readonly number[] | undefined;
      readonly retries?: number | readonly number[] | undefined;
      readonly refusedRetries?: number | readonly number[] | undefined;
      readonly attemptTimeouts?: number | readonly number[] | undefined;
      readonly amplification?: number | readonly number[] | undefined;
      readonly duplicates?: number | readonly number[] | undefined;
      readonly wasted?: number | readonly number[] | undefined;
      readonly meanMs?: number | readonly number[] | undefined;
      readonly p50Ms?: number | readonly number[] | undefined;
      readonly p90Ms?: number | readonly number[] | undefined;
      readonly p95Ms?: number | readonly number[] | undefined;
      readonly p99Ms?: number | readonly number[] | undefined;
      readonly p999Ms?: number | readonly number[] | undefined;
      /** Completed within a deadline ÷ offered, by deadline: { 250ms: 0.1, 1s: [0.4, 0.5] }. */
      readonly goodput?: Readonly<Record<string, number | readonly number[]>> | undefined;
      /** Relative tolerance of figures other than goodput, instead of `tolerance`: { duplicates: 0.1 }. */
      readonly within?: Readonly<Record<string, number>> | undefined;
      readonly [name: `${string}(${string})`]: number | string | undefined;
    } | undefined;
    /** Condition under which the variant is metastable: an inequality over numbers of the file, by their paths. For example `load[0].arrivals.ratePerSecond * 3 > 200`. Operators need spaces around them. `sweep` draws the boundary of this law beside the simulated one. */
    readonly law?: string | undefined;
    /** Number of clients that share the requests at random. Each client has separate policies, and so separate breakers and budgets. Default: 1. */
    readonly clients?: number | undefined;
  } | {
    readonly path: "event";
    /** Line for the reader. @default "" */
    readonly description?: string | undefined;
    /** Number of callers of a closed loop. Each sends its next request when its last one has ended. An accepted event does not end before its completion or dead letter. Latency counts from sending. Without this field requests are sent at their scheduled times. */
    readonly callers?: number | undefined;
    /** Replaces `downstream` of the experiment for this variant. */
    readonly downstream?: {
      /** Time that work takes, and how often it fails. @default {"kind":"congestion"} */
      readonly model?: {
        readonly kind: "congestion";
        /** The knee, in requests in flight, is a tenth of this number. @default 250 */
        readonly capacityRps?: number | undefined;
        /** Shortest latency. @default 8 */
        readonly baseLatencyMs?: number | undefined;
        /** Longest random time added to the base latency. All times from 0 are equally likely. @default 6 */
        readonly jitterMs?: number | undefined;
        /** Failure ratio below the knee. @default 0.05 */
        readonly failureRatio?: number | undefined;
        /** Latency added above the knee, multiplied by in flight ÷ knee − 1. @default 50 */
        readonly overloadLatencyMs?: number | undefined;
        /** Failure ratio added above the knee, multiplied by in flight ÷ knee − 1. @default 0.4 */
        readonly overloadFailureRatio?: number | undefined;
        /** Highest failure ratio at any load. @default 0.95 */
        readonly failureRatioMax?: number | undefined;
      } | {
        readonly kind: "fixed";
        /** Latency of each attempt. @default 0 */
        readonly latencyMs?: number | undefined;
        /** Share of the attempts that fail. @default 0 */
        readonly failureRatio?: number | undefined;
      } | {
        readonly kind: "queue";
        /** Number of attempts served at once. @default 1 */
        readonly servers?: number | undefined;
        /** Mean service time of an attempt. @default 10 */
        readonly serviceMs?: number | undefined;
        /** Distribution of the service time: exponential as in M/M/c, or constant. @default "exponential" */
        readonly service?: "exponential" | "constant" | undefined;
        /** Maximum number of waiting attempts. Further attempts fail at once. @default 1000000 */
        readonly waitingMax?: number | undefined;
        /** Share of the attempts that fail. @default 0 */
        readonly failureRatio?: number | undefined;
      } | undefined;
      /** True if downstream detects a second effect of a request, and does not commit it. @default true */
      readonly idempotent?: boolean | undefined;
      /** Handling of work that takes longer than its caller will wait (`x-timeout-ms`). `ignore` continues it, `stop` stops it when the wait ends, `refuse` refuses it at once. @default "ignore" */
      readonly deadlines?: "ignore" | "stop" | "refuse" | undefined;
      /** True if work stops when its caller disconnects. In most real systems the work continues. @default false */
      readonly abandonOnAbort?: boolean | undefined;
      /** Form of the calls of your own service. Downstream accepts them as well as its usual `POST /work`, whose body holds the id. Simulations ignore this field. */
      readonly accepts?: {
        /** Method of the calls. Default: any. */
        readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
        /** Path without query. `{id}` stands for the id. `*` stands for one part of the path, or at the end for all further parts. @default "/*" */
        readonly path?: string | undefined;
        /** Place of the id, if the path has none: one of these fields. By default the header x-request-id has the id. */
        readonly id?: {
          /** Header that holds the id, such as `x-request-id`. In `traceparent` the trace id tells which request it is. */
          readonly header: string;
        } | {
          /** Parameter of the query that holds the id. */
          readonly query: string;
        } | {
          /** Field of the JSON body that holds the id, such as `order.number` or `items.0.sku`. */
          readonly body: string;
        } | undefined;
        /** Answer to a successful call. @default {} */
        readonly answer?: {
          /** Status of a successful call. @default 200 */
          readonly status?: number | undefined;
          /** Header content-type. @default "application/json" */
          readonly contentType?: string | undefined;
          /** Body. `{id}` stands for the id. Default: that of `POST /work`. */
          readonly body?: string | undefined;
        } | undefined;
      } | undefined;
    } | undefined;
    /** Replaces `request` of the experiment for this variant. */
    readonly request?: {
      /** @default "POST" */
      readonly method?: "POST" | "PUT" | "PATCH" | "GET" | "DELETE" | undefined;
      /** Path with query. Default: `/rpc`, on the path event `/events`. */
      readonly path?: string | undefined;
      /** Headers by name, at most 50. Spillway adds these unless given: content-type, x-request-id, x-timeout-ms, x-class and traceparent. @default {} */
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** Body. GET and DELETE have none. Default: `{"id":"{id}"}`. */
      readonly body?: string | undefined;
      /** Statuses that mean success. Default: 200, on the path event 202. */
      readonly success?: readonly number[] | undefined;
      /** With https: accepts any certificate. Only for tests, since any server could then answer. @default false */
      readonly insecure?: boolean | undefined;
    } | undefined;
    /** Policies of a call, outermost first. @default [] */
    readonly policies?: readonly ({
      /** Gives up when the caller's time (`x-timeout-ms`) is over. Sends the time that is left with each attempt. Inside a retry policy it limits each attempt; around a retry policy, it limits the whole call. */
      readonly deadline: {
        /** Longest duration of a call. If the caller's time is shorter, that applies. */
        readonly ms?: number | undefined;
        /** Part of the caller's time that is reserved for returning the answer. @default 0 */
        readonly marginMs?: number | undefined;
        /** Refuses calls with at most this much time left. @default 0 */
        readonly leastMs?: number | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    } | {
      /** Tries again after an error. */
      readonly retry: {
        /** Maximum number of tries after the first. @default 3 */
        readonly maxRetries?: number | undefined;
        /** Wait before the next try. @default {"kind":"exponential"} */
        readonly backoff?: {
          readonly kind: "constant";
          /** Wait before each retry. */
          readonly delayMs: number;
          /** For a delay d: `none` waits d, `full` a random time from 0 to d, `equal` a random time from d/2 to d. @default "none" */
          readonly jitter?: "none" | "full" | "equal" | undefined;
        } | {
          readonly kind: "exponential";
          /** Wait before the first retry. It doubles with each further retry. @default 20 */
          readonly baseMs?: number | undefined;
          /** Longest wait. @default 400 */
          readonly capMs?: number | undefined;
          /** Randomness of the wait: `none`, `full` and `equal` as for `constant`. `decorrelated` waits a random time from `baseMs` to 3 · the previous wait, at most `capMs`. @default "full" */
          readonly jitter?: "none" | "full" | "equal" | "decorrelated" | undefined;
        } | undefined;
        /** True if a refusal by an inner policy is also retried. @default false */
        readonly retryRejected?: boolean | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    } | {
      /** Refuses retries beyond a budget. It belongs inside the retry policy. A redelivery counts as a retry. */
      readonly budget: {
        readonly kind: "finagle";
        /** Time for which the budget remembers requests and retries. @default 10000 */
        readonly ttlMs?: number | undefined;
        /** Number of retries for each request. @default 0.2 */
        readonly ratio?: number | undefined;
        /** Number of retries per second allowed in addition, even without any requests. @default 10 */
        readonly minPerSecond?: number | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      } | {
        readonly kind: "grpc";
        /** Initial and maximum number of tokens. @default 10 */
        readonly maxTokens?: number | undefined;
        /** Tokens gained by a success. @default 0.1 */
        readonly tokenRatio?: number | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      } | {
        readonly kind: "aws";
        /** Initial and maximum number of tokens. @default 500 */
        readonly capacity?: number | undefined;
        /** Tokens that a retry costs. @default 5 */
        readonly retryCost?: number | undefined;
        /** Tokens that a retry after a timeout costs. @default 10 */
        readonly timeoutRetryCost?: number | undefined;
        /** Tokens gained by a success at the first try. @default 1 */
        readonly successGain?: number | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    } | {
      /** Refuses calls for a while when too many have failed. */
      readonly breaker: {
        /** The results that decide whether the breaker opens. */
        readonly window: {
          readonly kind: "count";
          /** Number of results. @default 20 */
          readonly size?: number | undefined;
        } | {
          readonly kind: "time";
          /** Length of the time span. @default 10000 */
          readonly ms?: number | undefined;
          /** Number of parts of the time span. Old results are forgotten one part at a time. @default 10 */
          readonly buckets?: number | undefined;
        };
        /** Results required in the window before the breaker can open. Default: `size` in a count window, 20 in a time window. */
        readonly minimumCalls?: number | undefined;
        /** Opens at this number of failures in the window. */
        readonly failures?: number | undefined;
        /** Opens at this share of failures in the window. */
        readonly failureRatio?: number | undefined;
        /** Duration above which a call is slow. */
        readonly slowCallMs?: number | undefined;
        /** Opens at this share of slow calls in the window. */
        readonly slowRatio?: number | undefined;
        /** Time for which an open breaker refuses calls. @default 5000 */
        readonly openMs?: number | undefined;
        /** Lengthens or shortens each open time at random, by up to this share. @default 0 */
        readonly openJitter?: number | undefined;
        /** State after the open time. @default {"kind":"trial"} */
        readonly halfOpen?: {
          readonly kind: "trial";
          /** Number of trial calls. All must succeed. @default 1 */
          readonly calls?: number | undefined;
          /** Longest time in half-open. If the trial calls bring no verdict in this time, the breaker opens again. 0: without limit. @default 60000 */
          readonly maxWaitMs?: number | undefined;
        } | {
          readonly kind: "none";
        } | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    } | {
      /** Limits the calls under way and in the queue. */
      readonly bulkhead: {
        /** Maximum number of calls under way. */
        readonly concurrency: number;
        /** Maximum number of calls that wait for a slot, first come, first served. Further calls are refused. @default 0 */
        readonly queue?: number | undefined;
        /** Longest wait for a slot, after which a call is refused. */
        readonly queueTimeoutMs?: number | undefined;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    } | {
      /** Gives up on a call that takes longer than `ms`. */
      readonly timeout: {
        /** Longest duration of a call, including the policies inside this one. */
        readonly ms: number;
        /** Applies only to requests of this class; others skip the policy. */
        readonly class?: string | undefined;
      };
    })[] | undefined;
    /** Forecast values, shown beside the measurement. Differences do not affect the verdict. A figure that depends on chance is a range: `rejected: [950, 1650]`. A key can also be a hypothesis term without the variant: `timeToDrain(after outage): 8s`. */
    readonly predicted?: {
      readonly offered?: number | readonly number[] | undefined;
      readonly ok?: number | readonly number[] | undefined;
      readonly late?: number | readonly number[] | undefined;
      readonly failed?: number | readonly number[] | undefined;
      readonly timeout?: number | readonly number[] | undefined;
      readonly rejected?: number | readonly number[] | undefined;
      readonly dropped?: number | readonly number[] | undefined;
      readonly dead?: number | readonly number[] | undefined;
      readonly pending?: number | readonly number[] | undefined;
      readonly unknown?: number | readonly number[] | undefined;
      readonly unsent?: number | readonly number[] | undefined;
      readonly completed?: number | readonly number[] | undefined;
      readonly errors?: number | readonly number[] | undefined;
      readonly lost?: number | readonly number[] | undefined;
      readonly redriven?: number | readonly number[] | undefined;
      readonly collapsed?: number | readonly number[] | undefined;
      readonly attempts?: number | readonly number[] | undefined;
      readonly retries?: number | readonly number[] | undefined;
      readonly refusedRetries?: number | readonly number[] | undefined;
      readonly attemptTimeouts?: number | readonly number[] | undefined;
      readonly amplification?: number | readonly number[] | undefined;
      readonly duplicates?: number | readonly number[] | undefined;
      readonly wasted?: number | readonly number[] | undefined;
      readonly meanMs?: number | readonly number[] | undefined;
      readonly p50Ms?: number | readonly number[] | undefined;
      readonly p90Ms?: number | readonly number[] | undefined;
      readonly p95Ms?: number | readonly number[] | undefined;
      readonly p99Ms?: number | readonly number[] | undefined;
      readonly p999Ms?: number | readonly number[] | undefined;
      /** Completed within a deadline ÷ offered, by deadline: { 250ms: 0.1, 1s: [0.4, 0.5] }. */
      readonly goodput?: Readonly<Record<string, number | readonly number[]>> | undefined;
      /** Relative tolerance of figures other than goodput, instead of `tolerance`: { duplicates: 0.1 }. */
      readonly within?: Readonly<Record<string, number>> | undefined;
      readonly [name: `${string}(${string})`]: number | string | undefined;
    } | undefined;
    /** Condition under which the variant is metastable: an inequality over numbers of the file, by their paths. For example `load[0].arrivals.ratePerSecond * 3 > 200`. Operators need spaces around them. `sweep` draws the boundary of this law beside the simulated one. */
    readonly law?: string | undefined;
    /** Options by which the consumer takes events, and gives them up. @default {} */
    readonly consumer?: {
      /** Maximum number of events handled at once. @default 16 */
      readonly concurrency?: number | undefined;
      /** Maximum number of events fetched ahead. The ack wait of an event starts when it is fetched. Default: `concurrency`, at most 64. */
      readonly prefetch?: number | undefined;
      /** Number and delays of the redeliveries of a failed event. @default {} */
      readonly redelivery?: {
        /** Redeliveries before an event is dead-lettered. @default 3 */
        readonly maxRetries?: number | undefined;
        /** Wait before the next try. @default {"kind":"exponential"} */
        readonly backoff?: {
          readonly kind: "constant";
          /** Wait before each retry. */
          readonly delayMs: number;
          /** For a delay d: `none` waits d, `full` a random time from 0 to d, `equal` a random time from d/2 to d. @default "none" */
          readonly jitter?: "none" | "full" | "equal" | undefined;
        } | {
          readonly kind: "exponential";
          /** Wait before the first retry. It doubles with each further retry. @default 20 */
          readonly baseMs?: number | undefined;
          /** Longest wait. @default 400 */
          readonly capMs?: number | undefined;
          /** Randomness of the wait: `none`, `full` and `equal` as for `constant`. `decorrelated` waits a random time from `baseMs` to 3 · the previous wait, at most `capMs`. @default "full" */
          readonly jitter?: "none" | "full" | "equal" | "decorrelated" | undefined;
        } | undefined;
        /** Longest time for which policies may refuse an event. Until then the event is tried again, without using up a redelivery; after it, the event is dead-lettered. A refused event occupies a handler, unless a budget refused it. @default 60000 */
        readonly maxRefusedMs?: number | undefined;
        /** Process that times the delay: the consumer, or the broker (`server`). The broker's timers fall behind above about 100 redeliveries per second. @default "consumer" */
        readonly by?: "consumer" | "server" | undefined;
      } | undefined;
      /** Time without a signal from the consumer after which the stream delivers an event again. @default 30000 */
      readonly ackWaitMs?: number | undefined;
    } | undefined;
    /** Bound of the work stream. @default {} */
    readonly stream?: {
      /** Maximum number of messages in the work stream. Further messages are refused. @default 5000 */
      readonly maxPending?: number | undefined;
    } | undefined;
    /** Options of the broker. The broker is restarted if the previous variant had another `sync`. @default {} */
    readonly broker?: {
      /** Number of servers. Several form a cluster; faults target nats-1, nats-2 …, nats-leader, nats-minority, nats-majority, or all (nats). @default 1 */
      readonly servers?: 1 | 3 | 5 | undefined;
      /** Number of servers that store each stream. An event is acknowledged when a majority of them has stored it. @default 1 */
      readonly replicas?: 1 | 3 | 5 | undefined;
      /** When the broker syncs to disk: at an interval (nats-server's default, every 2 minutes) or always (before each acknowledgement). @default "interval" */
      readonly sync?: "interval" | "always" | undefined;
    } | undefined;
  }>>;
  /** Faults, each with its time and duration. @default [] */
  readonly faults?: readonly ({
    /** Name in hypotheses and reports. */
    readonly name: string;
    /** Time after the first scheduled time. */
    readonly atMs: number;
    /** Duration of the fault, after which it is cleared. */
    readonly forMs: number;
    readonly target: "gateway" | "gateway-1" | "gateway-2" | "gateway-3" | "gateway-4" | "gateway-5" | "gateway-6" | "gateway-7" | "gateway-8" | "publisher" | "publisher-1" | "publisher-2" | "publisher-3" | "publisher-4" | "publisher-5" | "publisher-6" | "publisher-7" | "publisher-8" | "consumer" | "consumer-1" | "consumer-2" | "consumer-3" | "consumer-4" | "consumer-5" | "consumer-6" | "consumer-7" | "consumer-8";
    readonly fault: {
      readonly kind: "kill";
    } | {
      readonly kind: "crash-loop";
      /** Time between kills. A kill is skipped while the process is still starting. */
      readonly everyMs: number;
    } | {
      readonly kind: "stop";
    } | {
      readonly kind: "pause";
    } | {
      readonly kind: "disconnect";
    };
  } | {
    /** Name in hypotheses and reports. */
    readonly name: string;
    /** Time after the first scheduled time. */
    readonly atMs: number;
    /** Duration of the fault, after which it is cleared. */
    readonly forMs: number;
    readonly target: "nats";
    readonly fault: {
      readonly kind: "kill";
    } | {
      readonly kind: "crash-loop";
      /** Time between kills. A kill is skipped while the process is still starting. */
      readonly everyMs: number;
    } | {
      readonly kind: "stop";
    } | {
      readonly kind: "pause";
    } | {
      readonly kind: "disconnect";
    } | {
      readonly kind: "stream-full";
    } | {
      readonly kind: "consumer-deleted";
    };
  } | {
    /** Name in hypotheses and reports. */
    readonly name: string;
    /** Time after the first scheduled time. */
    readonly atMs: number;
    /** Duration of the fault, after which it is cleared. */
    readonly forMs: number;
    readonly target: "nats-1" | "nats-2" | "nats-3" | "nats-4" | "nats-5" | "nats-leader" | "nats-minority" | "nats-majority";
    readonly fault: {
      readonly kind: "kill";
    } | {
      readonly kind: "crash-loop";
      /** Time between kills. A kill is skipped while the process is still starting. */
      readonly everyMs: number;
    } | {
      readonly kind: "stop";
    } | {
      readonly kind: "pause";
    } | {
      readonly kind: "disconnect";
    };
  } | {
    /** Name in hypotheses and reports. */
    readonly name: string;
    /** Time after the first scheduled time. */
    readonly atMs: number;
    /** Duration of the fault, after which it is cleared. */
    readonly forMs: number;
    readonly target: "downstream" | "downstream-1" | "downstream-2" | "downstream-3" | "downstream-4" | "downstream-5" | "downstream-6" | "downstream-7" | "downstream-8";
    readonly fault: {
      readonly kind: "kill";
    } | {
      readonly kind: "crash-loop";
      /** Time between kills. A kill is skipped while the process is still starting. */
      readonly everyMs: number;
    } | {
      readonly kind: "stop";
    } | {
      readonly kind: "pause";
    } | {
      readonly kind: "disconnect";
    } | {
      readonly kind: "freeze";
    } | {
      readonly kind: "brownout";
      /** Remaining share of the capacity: at 0.2, 10 requests in flight count as 50. */
      readonly capacityFactor: number;
    } | {
      readonly kind: "latency";
      /** Time added to each attempt. */
      readonly added: {
        readonly kind: "fixed";
        /** Time added to each attempt. */
        readonly ms: number;
      } | {
        readonly kind: "uniform";
        /** Shortest added time. */
        readonly minMs: number;
        /** Longest added time. */
        readonly maxMs: number;
      } | {
        readonly kind: "lognormal";
        /** Median of the added time. */
        readonly medianMs: number;
        /** Standard deviation of the logarithm: 1 makes p99 ten times p50. */
        readonly sigma: number;
      };
      /** Share of attempts that the fault affects, drawn by the seed. @default 1 */
      readonly ratio?: number | undefined;
      /** Affects only requests of this class. */
      readonly class?: string | undefined;
    } | {
      readonly kind: "failure";
      /** HTTP status of the answer. @default 500 */
      readonly status?: number | undefined;
      /** Share of attempts that the fault affects, drawn by the seed. @default 1 */
      readonly ratio?: number | undefined;
      /** Affects only requests of this class. */
      readonly class?: string | undefined;
    } | {
      readonly kind: "poison";
      /** Requests that fail however often they are tried, e.g. r0, the first of the load. */
      readonly ids: readonly string[];
      /** HTTP status of the answer. @default 500 */
      readonly status?: number | undefined;
    } | {
      readonly kind: "slow-errors";
      /** Time added to each failing attempt. */
      readonly ms: number;
      /** Share of attempts that the fault affects, drawn by the seed. @default 1 */
      readonly ratio?: number | undefined;
      /** Affects only requests of this class. */
      readonly class?: string | undefined;
    } | {
      readonly kind: "slow-body";
      /** Time from the headers to the end of the body. */
      readonly ms: number;
      /** Share of attempts that the fault affects, drawn by the seed. @default 1 */
      readonly ratio?: number | undefined;
      /** Affects only requests of this class. */
      readonly class?: string | undefined;
    } | {
      readonly kind: "malformed";
      /** Share of attempts that the fault affects, drawn by the seed. @default 1 */
      readonly ratio?: number | undefined;
      /** Affects only requests of this class. */
      readonly class?: string | undefined;
    } | {
      readonly kind: "truncated";
      /** Share of attempts that the fault affects, drawn by the seed. @default 1 */
      readonly ratio?: number | undefined;
      /** Affects only requests of this class. */
      readonly class?: string | undefined;
    } | {
      readonly kind: "reset";
      /** Share of attempts that the fault affects, drawn by the seed. @default 1 */
      readonly ratio?: number | undefined;
      /** Affects only requests of this class. */
      readonly class?: string | undefined;
    } | {
      readonly kind: "hang";
      /** Share of attempts that the fault affects, drawn by the seed. @default 1 */
      readonly ratio?: number | undefined;
      /** Affects only requests of this class. */
      readonly class?: string | undefined;
    };
  } | {
    /** Name in hypotheses and reports. */
    readonly name: string;
    /** Time after the first scheduled time. */
    readonly atMs: number;
    /** Duration of the fault, after which it is cleared. */
    readonly forMs: number;
    readonly target: "load->gateway" | "load->publisher" | "gateway->downstream" | "publisher->nats" | "consumer->nats" | "consumer->downstream" | "nats->nats" | "nats-1->nats" | "nats-2->nats" | "nats-3->nats" | "nats-4->nats" | "nats-5->nats" | "nats-leader->nats" | "nats-minority->nats" | "nats-majority->nats";
    readonly fault: {
      readonly kind: "latency";
      /** Delay in ms. */
      readonly latencyMs: number;
      /** Largest random change of the delay in ms, plus or minus. All changes up to it are equally likely. @default 0 */
      readonly jitterMs?: number | undefined;
      /** `upstream` is along the hop, `downstream` is back. With `both`, a delay counts twice in a round trip. @default "both" */
      readonly stream?: "upstream" | "downstream" | "both" | undefined;
      /** Share of connections that the fault affects, drawn by the seed. @default 1 */
      readonly toxicity?: number | undefined;
    } | {
      readonly kind: "bandwidth";
      /** Kilobytes per second, of 1,000 bytes. */
      readonly kilobytesPerSecond: number;
      /** `upstream` is along the hop, `downstream` is back. @default "both" */
      readonly stream?: "upstream" | "downstream" | "both" | undefined;
      /** Share of connections that the fault affects, drawn by the seed. @default 1 */
      readonly toxicity?: number | undefined;
    } | {
      readonly kind: "slicer";
      /** Average size of a slice, in bytes. */
      readonly averageBytes: number;
      /** Largest random change of the size in bytes, plus or minus; less than the average size. @default 0 */
      readonly variationBytes?: number | undefined;
      /** Pause after each slice, in µs. @default 0 */
      readonly delayUs?: number | undefined;
      /** `upstream` is along the hop, `downstream` is back. With `both`, a delay counts twice in a round trip. @default "both" */
      readonly stream?: "upstream" | "downstream" | "both" | undefined;
      /** Share of connections that the fault affects, drawn by the seed. @default 1 */
      readonly toxicity?: number | undefined;
    } | {
      readonly kind: "slow-close";
      /** Delay in ms. */
      readonly delayMs: number;
      /** `upstream` is along the hop, `downstream` is back. @default "both" */
      readonly stream?: "upstream" | "downstream" | "both" | undefined;
      /** Share of connections that the fault affects, drawn by the seed. @default 1 */
      readonly toxicity?: number | undefined;
    } | {
      readonly kind: "blackhole";
      /** Time in ms until the connection is closed; 0 leaves it open. @default 0 */
      readonly closeAfterMs?: number | undefined;
      /** `upstream` is along the hop, `downstream` is back. @default "both" */
      readonly stream?: "upstream" | "downstream" | "both" | undefined;
      /** Share of connections that the fault affects, drawn by the seed. @default 1 */
      readonly toxicity?: number | undefined;
    } | {
      readonly kind: "reset";
      /** Time in ms until the reset. @default 0 */
      readonly afterMs?: number | undefined;
      /** `upstream` is along the hop, `downstream` is back. @default "both" */
      readonly stream?: "upstream" | "downstream" | "both" | undefined;
      /** Share of connections that the fault affects, drawn by the seed. @default 1 */
      readonly toxicity?: number | undefined;
    } | {
      readonly kind: "limit-data";
      /** Bytes that pass before the close. */
      readonly bytes: number;
      /** `upstream` is along the hop, `downstream` is back. @default "both" */
      readonly stream?: "upstream" | "downstream" | "both" | undefined;
      /** Share of connections that the fault affects, drawn by the seed. @default 1 */
      readonly toxicity?: number | undefined;
    } | {
      readonly kind: "down";
    };
  })[] | undefined;
  /** Times at which dead letters are sent to the work stream again. @default [] */
  readonly redrives?: readonly ({
    /** Time after the first scheduled time. */
    readonly atMs: number;
    /** Maximum number of dead letters sent per second. @default 100 */
    readonly ratePerSecond?: number | undefined;
    /** Only dead letters with one of these reasons: failed, timeout, rejected, expired, max-deliveries, or a reason that your own consumer gives. */
    readonly reasons?: readonly string[] | undefined;
  })[] | undefined;
  /** Conditions for the requests before the first fault, in every variant, e.g. goodput > 95%. They need a fault, the first later than `deadlineMs`. If a condition fails, the run is invalid. They are also checked just before the first fault. If one fails then, no fault is injected. @default [] */
  readonly steadyState?: readonly string[] | undefined;
  /** Conditions that must hold, e.g. goodput(events, 1s) > 0.9 * goodput(guarded, 1s). @default [] */
  readonly hypothesis?: readonly string[] | undefined;
  /** Rule by which a variant has recovered from a fault or a phase of the load. @default {} */
  readonly recovery?: {
    /** Goodput that counts as recovered, as a share of the goodput named by `relativeTo`. @default 0.95 */
    readonly goodput?: number | undefined;
    /** Baseline for recovery. `offered`: all offered requests. `before`: goodput before the variant's first fault, or before the first phase that `timeToRecover` or a similar metric names, whichever is earlier. @default "offered" */
    readonly relativeTo?: "offered" | "before" | undefined;
    /** Length of a window in which goodput is measured. @default 5000 */
    readonly overMs?: number | undefined;
    /** Time for which goodput must stay at or above `recovery.goodput`. @default 10000 */
    readonly heldMs?: number | undefined;
  } | undefined;
  /** Largest difference between a measured and a predicted value. @default {} */
  readonly tolerance?: {
    /** Tolerance as a share of the predicted count. Two standard errors (2·√count) apply instead if they are more. @default 0.1 */
    readonly countRatio?: number | undefined;
    /** Tolerance as a share of the predicted latency. @default 0.1 */
    readonly latencyRatio?: number | undefined;
    /** Tolerance of goodput, as a share of the offered requests. @default 0.05 */
    readonly goodput?: number | undefined;
  } | undefined;
  /** Limits of the measurement, beyond which a run is invalid. @default {} */
  readonly validity?: {
    /** Maximum delay with which the generator may send requests, 99th percentile. Default: 1 % of the deadline, at least 2 ms. */
    readonly lagP99Ms?: number | undefined;
    /** Maximum number of requests that the generator may leave unsent because no connection is free. Default: 0. */
    readonly unsent?: number | undefined;
    /** Downstream sleeps to simulate work. Maximum time by which it may sleep longer than its model says, 99th percentile. Default: 10. */
    readonly sleepExcessP99Ms?: number | undefined;
    /** `sleepExcessP99Ms` as a share of the modelled sleep. The larger of the two limits applies. Default: 0.1. */
    readonly sleepExcessRatio?: number | undefined;
    /** Longest delay when injecting or clearing a fault. Clearing has no limit if the target must be started or created again. Default: 1000; for injection also at most half of `forMs`. */
    readonly faultDelayMs?: number | undefined;
    /** Stalls of a process up to this length need no check. A longer stall makes the run invalid if it could have changed a verdict. Default: 50. */
    readonly stallMs?: number | undefined;
    /** Why these limits suffice for the conclusions. Required if any limit is set. */
    readonly reason?: string | undefined;
  } | undefined;
  /** Requests sent before the first scheduled time. They are not part of any figure. @default {} */
  readonly warmup?: {
    /** Number of requests for each replica. The first variant of each combination of path and HTTP client gets four times as many. @default 1000 */
    readonly requests?: number | undefined;
    /** Maximum number of requests under way at once. A service that is not Spillway's gets 1 at first, then 2, 4 … while latency doesn't rise. Its warm-up sends no request after 5 s. @default 200 */
    readonly concurrency?: number | undefined;
  } | undefined;
  /** Maximum number of requests in flight from the generator, per replica. @default 2048 */
  readonly connections?: number | undefined;
  /** Longest wait for answers and effects after the last scheduled time. @default 10000 */
  readonly drainMs?: number | undefined;
};
