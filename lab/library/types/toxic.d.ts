// Written by lab/library/write-types.ts from the schemas.

export type Toxic = {
  readonly type: "latency";
  readonly name?: string | undefined;
  /** @default "downstream" */
  readonly stream?: "upstream" | "downstream" | undefined;
  /** Share of connections that the toxic affects. @default 1 */
  readonly toxicity?: number | undefined;
  /** @default {} */
  readonly attributes?: {
    /** Delay in ms. @default 0 */
    readonly latency?: number | undefined;
    /** Largest random change of the delay in ms, plus or minus. All changes up to it are equally likely. @default 0 */
    readonly jitter?: number | undefined;
  } | undefined;
} | {
  readonly type: "bandwidth";
  readonly name?: string | undefined;
  /** @default "downstream" */
  readonly stream?: "upstream" | "downstream" | undefined;
  /** Share of connections that the toxic affects. @default 1 */
  readonly toxicity?: number | undefined;
  /** @default {} */
  readonly attributes?: {
    /** Kilobytes per second, of 1,000 bytes. @default 0 */
    readonly rate?: number | undefined;
  } | undefined;
} | {
  readonly type: "slicer";
  readonly name?: string | undefined;
  /** @default "downstream" */
  readonly stream?: "upstream" | "downstream" | undefined;
  /** Share of connections that the toxic affects. @default 1 */
  readonly toxicity?: number | undefined;
  /** @default {} */
  readonly attributes?: {
    /** Average size of a slice, in bytes. */
    readonly average_size: number;
    /** Largest random change of the size in bytes, plus or minus; less than the average size. @default 0 */
    readonly size_variation?: number | undefined;
    /** Pause after each slice, in µs. @default 0 */
    readonly delay?: number | undefined;
  } | undefined;
} | {
  readonly type: "slow_close";
  readonly name?: string | undefined;
  /** @default "downstream" */
  readonly stream?: "upstream" | "downstream" | undefined;
  /** Share of connections that the toxic affects. @default 1 */
  readonly toxicity?: number | undefined;
  /** @default {} */
  readonly attributes?: {
    /** Delay in ms. @default 0 */
    readonly delay?: number | undefined;
  } | undefined;
} | {
  readonly type: "timeout";
  readonly name?: string | undefined;
  /** @default "downstream" */
  readonly stream?: "upstream" | "downstream" | undefined;
  /** Share of connections that the toxic affects. @default 1 */
  readonly toxicity?: number | undefined;
  /** @default {} */
  readonly attributes?: {
    /** Time in ms until the connection is closed; 0 leaves it open. @default 0 */
    readonly timeout?: number | undefined;
  } | undefined;
} | {
  readonly type: "reset_peer";
  readonly name?: string | undefined;
  /** @default "downstream" */
  readonly stream?: "upstream" | "downstream" | undefined;
  /** Share of connections that the toxic affects. @default 1 */
  readonly toxicity?: number | undefined;
  /** @default {} */
  readonly attributes?: {
    /** Time in ms until the reset. @default 0 */
    readonly timeout?: number | undefined;
  } | undefined;
} | {
  readonly type: "limit_data";
  readonly name?: string | undefined;
  /** @default "downstream" */
  readonly stream?: "upstream" | "downstream" | undefined;
  /** Share of connections that the toxic affects. @default 1 */
  readonly toxicity?: number | undefined;
  /** @default {} */
  readonly attributes?: {
    /** Bytes that pass before the close. @default 0 */
    readonly bytes?: number | undefined;
  } | undefined;
};
