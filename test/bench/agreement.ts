import { fileURLToPath } from 'node:url';
import { overheadsOf, predict } from '#lab/conduct/predict.ts';
import { figureName, figureShown } from '#lab/experiment/hypothesis/metric-name.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { interval, plain } from '#lab/experiment/text/format.ts';
import { compareSimulations } from '#lab/judge/simulations.ts';
import type { Result } from '#lab/result/result.ts';
import type { Simulated, Simulations } from '#lab/result/simulations.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
import { courseFiles } from '#test/support/course.ts';
import { type Bench, type Figure, figure } from './figure.ts';
import { runExperiment } from './run.ts';

/** Experiments of the course, without the demo. */
const course = courseFiles.slice(1).map((file) => fileURLToPath(new URL(`../../${file}`, import.meta.url)));

/**
 * Runs experiments on sockets and simulates them with the overhead of that run. Compares the figures of each variant
 * whose measurement is valid. The amount limits the number of experiments.
 */
export const bench: Bench = async (say, { amount, files }) => {
  const figures: Figure[] = [];
  for (const path of (files.length > 0 ? files : course).slice(0, amount)) {
    const file = readExperiment(path);
    const [refused] = unsimulated(file.experiment);
    if (refused) {
      say(`${file.name}: ${refused.message}`);
      continue;
    }
    const result = await runExperiment(path);
    const evidence = await predict(file, {
      overheads: overheadsOf(result.variants),
      slowMotion: result.slowMotion?.factor,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    const simulations = compareSimulations(evidence, result);
    say(`${file.name}: ${result.status}${simulations.reason ? `. ${simulations.reason}` : ''}`);
    figures.push(...figuresOf(file.name, result, simulations, say));
  }
  const compared = figures.flatMap(({ target }) => (target && 'predicted' in target ? [target] : []));
  const agreeing = compared.filter(({ ok }) => ok).length;
  return [...figures, figure('figures that agree', agreeing, `of ${compared.length}`)];
};

function figuresOf(
  experiment: string,
  { validity }: Result,
  { variants }: Simulations,
  say: (text: string) => void,
): Figure[] {
  return variants.flatMap(({ name, reason, figures }) => {
    const invalid = validity.find(({ variant, ok }) => variant === name && !ok);
    const why = reason ?? (invalid && `Invalid: ${invalid.name}.`);
    if (why !== undefined) {
      say(`${experiment}: ${name}: not compared. ${why}`);
      return [];
    }
    return figures.map(({ metric, ideal, withOverhead, measured, verdict }) => {
      const best = withOverhead ?? ideal;
      const target = best &&
        verdict !== 'unjudged' && {
          predicted: best.mean,
          tolerance: `(${rangeOf(metric, best)}), ideal ${textOf(metric, ideal?.mean ?? null)}`,
          ok: verdict !== 'differs',
        };
      return figure(
        `${experiment}: ${figureName(metric)} of ${name}`,
        measured ?? Number.NaN,
        '',
        target || undefined,
      );
    });
  });
}

const textOf = (metric: string, value: number | null): string => plain(figureShown(metric, value));

const rangeOf = (metric: string, simulated: Simulated): string =>
  plain(interval(simulated, (value) => figureShown(metric, value)));
