import Table from 'cli-table3';
import { exitCodes } from '#lab/exit-codes.ts';
import { readResult } from '#lab/folder.ts';
import { count, duration, share, times } from '#lab/report/format.ts';
import type { VariantResult } from '#lab/result.ts';

type Figure = readonly [name: string, of: (variant: VariantResult) => string];

const figures: readonly Figure[] = [
  ['goodput', ({ goodput }) => share(goodput)],
  ['ok', ({ outcomes }) => count(outcomes.ok)],
  ['late', ({ outcomes }) => count(outcomes.late)],
  ['retries', ({ retries }) => count(retries)],
  ['amplification', ({ amplification }) => times(amplification)],
  ['p50', ({ latency }) => duration(latency?.p50Ms ?? null)],
  ['p99', ({ latency }) => duration(latency?.p99Ms ?? null)],
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

function change([, of]: Figure, before: VariantResult, after: VariantResult | undefined): string {
  if (!after) return 'only in the first';
  const [a, b] = [of(before), of(after)];
  return a === b ? a : `${a} → ${b}`;
}
