import type { StallResult } from '#lab/judge/result/result.ts';

/** Time that a hop adds to each call, half before and half after the work of the receiver. @default 0 */
export interface Overheads {
  readonly gatewayMs?: number;
  readonly downstreamMs?: number;
  /** From the generator to the stream and back; added on the hop from the publisher to the broker. */
  readonly publishMs?: number;
  /** From the stream to the consumer. */
  readonly deliverMs?: number;
}

/** Differences from the ideal. Plain data, since threads receive it. */
export interface Simulation {
  readonly overheads?: Overheads | undefined;
  /** Stalls that the processes repeat, in the experiment's own time. */
  readonly stalls?: readonly StallResult[] | undefined;
}
