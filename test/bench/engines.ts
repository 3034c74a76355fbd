import { fileURLToPath } from 'node:url';
import { startCompose } from '#lab/testbed/compose/compose.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import type { Testbed } from '#lab/testbed/testbed.ts';
import { type Bench, figure, inRounds, mean } from './figure.ts';
import { runExperiment } from './run.ts';
import { withDocker } from './with-docker.ts';

const burst = fileURLToPath(new URL('../../experiments/01-burst.yaml', import.meta.url));

const rounds = 3;

/**
 * Compares the goodput of each variant of experiment 01 in processes and in containers, in alternating rounds. Returns
 * the gap between the ranges of the rounds, and the gap between the means. The means have no target: a breaker opens
 * early or late by chance, and few rounds can't average this out.
 */
export const bench: Bench = withDocker(async (say) => {
  const measure = async () => ({
    processes: await runBurst((logFolder) => startLocal({ logFolder })),
    containers: await runBurst((logFolder) => startCompose({ logFolder })),
  });
  const all = await inRounds(rounds, measure, say, () => 'done');
  return Object.keys(all[0]!.processes).flatMap((name) => {
    const here = all.map(({ processes }) => processes[name]!);
    const there = all.map(({ containers }) => containers[name]!);
    say(`${name}: ${listed(here)} in processes, ${listed(there)} in containers`);
    const of = `goodput of ${name}, processes ↔ containers`;
    return [
      figure(`${of}: ranges`, gap(here, there), 'apart', { atMost: 0.05 }),
      figure(`${of}: means`, Math.abs(mean(here) - mean(there)), 'apart'),
    ];
  });
});

/** Goodput by variant. */
type Goodput = Readonly<Record<string, number>>;

const listed = (values: readonly number[]): string => values.map((value) => value.toFixed(3)).join(' ');

/** Returns the distance between the ranges of two lists; 0 if the ranges overlap. */
const gap = (a: readonly number[], b: readonly number[]): number =>
  Math.max(0, Math.min(...a) - Math.max(...b), Math.min(...b) - Math.max(...a));

async function runBurst(startTestbed: (logFolder: string) => Promise<Testbed>): Promise<Goodput> {
  const { variants } = await runExperiment(burst, startTestbed);
  return Object.fromEntries(variants.map(({ name, goodput }) => [name, goodput]));
}
