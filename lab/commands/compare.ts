import Table from 'cli-table3';
import { exitCodes } from '#lab/exit-codes.ts';
import { readResult } from '#lab/folder.ts';
import type { VariantResult } from '#lab/result.ts';

type Figure = readonly [name: string, of: (variant: VariantResult) => number | null, digits: number];

const figures: readonly Figure[] = [
  ['goodput', ({ goodput }) => goodput, 3],
  ['ok', ({ outcomes }) => outcomes.ok, 0],
  ['late', ({ outcomes }) => outcomes.late, 0],
  ['retries', ({ retries }) => retries, 0],
  ['amplification', ({ amplification }) => amplification, 2],
  ['p50 ms', ({ latency }) => latency?.p50Ms ?? null, 0],
  ['p99 ms', ({ latency }) => latency?.p99Ms ?? null, 0],
];

/** Puts two runs side by side, variant by variant: before → after. Returns the exit code. */
export async function compareCommand(before: string, after: string): Promise<number> {
  const [first, second] = await Promise.all([readResult(before), readResult(after)]);
  const table = new Table({
    head: ['variant', ...figures.map(([name]) => name)],
    style: { head: [], border: [] },
  });
  for (const variant of first.variants) {
    const other = second.variants.find(({ name }) => name === variant.name);
    table.push([variant.name, ...figures.map((figure) => change(figure, variant, other))]);
  }
  for (const { name } of second.variants.filter(
    (one) => !first.variants.some((two) => two.name === one.name),
  )) {
    table.push([name, ...figures.map(() => 'only in the second')]);
  }
  process.stdout.write(`${first.experiment.title}\n${before} → ${after}\n${table.toString()}\n`);
  return exitCodes.held;
}

function change([, of, digits]: Figure, before: VariantResult, after: VariantResult | undefined): string {
  const show = (value: number | null) => (value === null ? '–' : value.toFixed(digits));
  if (!after) return 'only in the first';
  const [a, b] = [show(of(before)), show(of(after))];
  return a === b ? a : `${a} → ${b}`;
}
