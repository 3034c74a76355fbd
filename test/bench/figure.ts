import { mkdtempDisposableSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Measured figure with its target. A figure without a target is informative only. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: { readonly atMost: number } | { readonly atLeast: number } | Predicted;
}

export const figure = (name: string, value: number, unit: string, target?: Figure['target']): Figure => ({
  name,
  value,
  unit,
  ...(target && { target }),
});

/** Target of a figure that a law predicted. `ok` is true if the figure is within `tolerance`. */
interface Predicted {
  readonly predicted: number;
  readonly tolerance: string;
  readonly ok: boolean;
}

/** Options of a bench from the command line. */
export interface BenchOptions {
  /** Number of kills, inputs or seconds, depending on the bench. Each bench has a default. */
  readonly amount: number | undefined;
  /** Experiment files, for benches that run a choice of them. */
  readonly files: readonly string[];
  /** Folder of another checkout, which is measured in turns. */
  readonly against: string | undefined;
  /** Seed of all draws of the bench. */
  readonly seed: number;
}

/** Benchmark: resolves with what it measured, and reports its progress by `say`. */
export type Bench = (say: (text: string) => void, options: BenchOptions) => Promise<Figure[]>;

/** True if a figure reaches its target; undefined without a target. */
export function isReached({ value, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  if ('predicted' in target) return target.ok;
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

/** Measures in rounds, and reports each round. */
export async function inRounds<T>(
  rounds: number,
  measure: () => Promise<T>,
  say: (text: string) => void,
  textOf: (measured: T) => string,
): Promise<T[]> {
  const all: T[] = [];
  for (let round = 1; round <= rounds; round++) {
    const measured = await measure();
    say(`round ${round} of ${rounds}: ${textOf(measured)}`);
    all.push(measured);
  }
  return all;
}

/** Creates a temporary folder. `using` removes it at the end of the block. */
export const benchFolder = () => mkdtempDisposableSync(join(tmpdir(), 'spillway-bench-'));

/** Returns the middle value, or the mean of the two middle values. */
export function median(values: readonly number[]): number {
  const rising = values.toSorted((a, b) => a - b);
  const middle = (rising.length - 1) / 2;
  return (rising[Math.floor(middle)]! + rising[Math.ceil(middle)]!) / 2;
}

/** Rounds to three significant digits; from 100 on, to an integer. */
export const rounded = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);

export function machine(): string {
  const all = cpus();
  return `${all.length} × ${all[0]?.model}, ${process.platform} ${process.arch}, Node ${process.version}`;
}
