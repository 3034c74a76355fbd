/** Side of the page: its left or its right variant. */
export type Side = 'A' | 'B';
export const sides: readonly Side[] = ['A', 'B'];

/** Fault that a click injects. */
export type FaultClick = 'slow' | 'errors' | 'kill' | 'pause';

/** Option of a side that differs from the experiment, from the start. Its path is like `retry.maxRetries`. */
export interface Change {
  /** Undefined for both sides. */
  readonly side: Side | undefined;
  readonly path: string;
  /** `off` removes a policy or a budget, `on` adds it. */
  readonly value: number | string | boolean;
}

/** What happens at a time of the load, in both variants. */
export type Click =
  /** The load changes to so many requests per second. */
  | { readonly kind: 'load'; readonly atMs: number; readonly perSecond: number }
  /** The load is so many times as high for a while. */
  | { readonly kind: 'spike'; readonly atMs: number; readonly forMs: number; readonly factor: number }
  | { readonly kind: FaultClick; readonly atMs: number; readonly forMs: number };

/** All that determines a page: an experiment of it, and the differences. */
export interface Setting {
  /** Id of an experiment on the page, such as `05`. */
  readonly id: string;
  readonly seed: number;
  /** Names of the variants at the sides. */
  readonly names: Readonly<Record<Side, string>>;
  readonly changes: readonly Change[];
  readonly clicks: readonly Click[];
}

/** Experiment on a page, with the value of its file. */
export interface Playable {
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
}

/** Returns the setting in which nothing is changed. */
export const plainSetting = ({ id, seed, names }: Playable): Setting => ({
  ...{ id, seed, names },
  changes: [],
  clicks: [],
});
