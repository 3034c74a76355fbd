import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { experiments } from '#grafana/experiments.ts';
import { engines } from '#lab/engine/engines.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import type { Bench, Figure } from './figure.ts';
import { runExperiment } from './run-experiment.ts';

const rounds = 10;

/** Experiments of the course that break something. */
const breaking = experiments
  .map(({ file }) => fileURLToPath(new URL(`../../${file}`, import.meta.url)))
  .filter((path) => readExperiment(path).experiment.faults.length > 0);

/** The experiments of the course with nothing broken: what they say of a cure must not come true by accident. */
export const bench: Bench = async (say) => {
  const figures: Figure[] = [];
  for (const path of breaking) figures.push(...(await withoutFaults(path, say)));
  return figures;
};

async function withoutFaults(path: string, say: (text: string) => void): Promise<Figure[]> {
  const name = basename(path, '.yaml');
  const { start } = engines.local({ urls: {}, ownConsumer: false });
  const { seed } = readExperiment(path).experiment;
  /** Of each round, the hypotheses that did not hold. */
  const failed: string[][] = [];
  for (let round = 0; round < rounds; round++) {
    const { hypotheses } = await runExperiment(path, start, { withoutFaults: true, seed: seed + round });
    failed.push(hypotheses.filter(({ ok }) => !ok).map(({ text }) => text));
  }
  const never = failed.reduce((one, other) => one.filter((text) => other.includes(text)));
  say(`${name}: never true were ${never.join('; ')}`);
  return [
    {
      name: `${name}: rounds of ${rounds} in which all came true`,
      value: failed.filter((texts) => texts.length === 0).length,
      unit: '',
      target: { atMost: 0 },
    },
    {
      name: `${name}: hypotheses that came true in none`,
      value: never.length,
      unit: '',
      target: { atLeast: 1 },
    },
  ];
}
