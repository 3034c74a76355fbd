import { fileURLToPath } from 'node:url';
import { startCompose } from '#lab/testbed/compose/compose.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import type { Testbed } from '#lab/testbed/testbed.ts';
import type { Bench } from './figure.ts';
import { runExperiment } from './run-experiment.ts';
import { withDocker } from './with-docker.ts';

const burst = fileURLToPath(new URL('../../experiments/01-burst.yaml', import.meta.url));

const rounds = 3;

/**
 * Compares the goodput of experiment 01 in containers and in processes, variant by variant, with rounds that alternate.
 * Returns the gap between the ranges of the rounds, and between their means. If a breaker opens early or late by chance,
 * the means of few rounds mostly compare how often each case occurred.
 */
export const bench: Bench = withDocker(async (say) => {
  const processes: Goodput[] = [];
  const containers: Goodput[] = [];
  for (let round = 1; round <= rounds; round++) {
    processes.push(await runBurst((logFolder) => startLocal({ logFolder })));
    containers.push(await runBurst((logFolder) => startCompose({ logFolder })));
    say(`round ${round} of ${rounds}: done`);
  }
  return Object.keys(processes[0]!).flatMap((name) => {
    const here = processes.map((goodput) => goodput[name]!);
    const there = containers.map((goodput) => goodput[name]!);
    say(`${name}: ${listed(here)} in processes, ${listed(there)} in containers`);
    const of = `goodput of ${name}, processes ↔ containers`;
    return [
      { name: `${of}: ranges`, value: gap(here, there), unit: 'apart', target: { atMost: 0.05 } },
      { name: `${of}: means`, value: Math.abs(mean(here) - mean(there)), unit: 'apart' },
    ];
  });
});

/** Goodput by variant. */
type Goodput = Readonly<Record<string, number>>;

const listed = (values: readonly number[]): string => values.map((value) => value.toFixed(3)).join(' ');

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;

/** Distance between the ranges of two lists; 0 if they overlap. */
const gap = (a: readonly number[], b: readonly number[]): number =>
  Math.max(0, Math.min(...a) - Math.max(...b), Math.min(...b) - Math.max(...a));

async function runBurst(startTestbed: (logFolder: string) => Promise<Testbed>): Promise<Goodput> {
  const { variants } = await runExperiment(burst, startTestbed);
  return Object.fromEntries(variants.map(({ name, goodput }) => [name, goodput]));
}
