/** Side of the page: its left or its right variant. */
export type Side = 'A' | 'B';
export const sides: readonly Side[] = ['A', 'B'];

/** Option of a side that differs from the experiment. Its path is like `retry.maxRetries`. */
export interface Change {
  /** Undefined for both sides. */
  readonly side: Side | undefined;
  readonly path: string;
  /** `off` removes a policy or a budget, `on` adds it. */
  readonly value: number | string;
  /** 0 from the start. */
  readonly atMs: number;
}

export type Timed = keyof typeof usual;

/** Change of both variants. */
export type Act =
  /** A spike is so many times the load, for a while. */
  | { readonly kind: Timed; readonly forMs: number; readonly factor?: number }
  /** The load changes to so many requests per second. */
  | { readonly kind: 'load'; readonly perSecond: number }
  /** The dead letters go back to the stream. */
  | { readonly kind: 'redrive' };

export type Click = { readonly atMs: number } & Act;

export type Edit = Change | Click;

/** Experiment on a page, with the value of its file. */
export interface Playable {
  /** Name in an address, such as `05`. */
  readonly id: string;
  /** Name of the file without its ending. */
  readonly name: string;
  readonly title: string;
  /** First sentence of the file's description. */
  readonly sentence: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** Variants that a page shows first. */
  readonly names: Readonly<Record<Side, string>>;
  readonly seed: number;
  /** Time that tells the story, at which the page stops first. @default the end */
  readonly restMs?: number;
}

/** All that determines a page: an experiment, and the differences. */
export interface Setting extends Pick<Playable, 'seed' | 'names'> {
  readonly playable: Playable;
  readonly edits: readonly Edit[];
}

export const plainSetting = (playable: Playable): Setting => ({
  ...{ playable, seed: playable.seed, names: playable.names, edits: [] },
});

/** Spike and faults as a click has them, in the order of their buttons and keys. */
export const usual = {
  spike: { label: '⚡ Load ×3', act: { forMs: 3000, factor: 3 } },
  slow: {
    label: 'Slow',
    act: { forMs: 5000 },
    fault: { kind: 'latency', added: { kind: 'fixed', ms: 300 } },
  },
  errors: { label: 'Errors', act: { forMs: 5000 }, fault: { kind: 'failure', ratio: 0.5 } },
  kill: { label: 'Kill', act: { forMs: 2000 }, fault: { kind: 'kill' } },
  pause: { label: 'Stall', act: { forMs: 2000 }, fault: { kind: 'pause' } },
} as const;

export const clickNames: readonly string[] = ['load', 'redrive', ...Object.keys(usual)];
/** Names in an address that are no options. */
export const addressNames: readonly string[] = [...clickNames, 'seed', 't', 'A', 'B'];
