import { fileURLToPath } from 'node:url';
import type { Figure as Simulated } from '#lab/experiment/metrics/figure.ts';
import { figureName, figureShown } from '#lab/experiment/metrics/shown.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { overheadsOf, predict } from '#lab/explore/prediction/predict.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { besideSimulations, comparedIn } from '#lab/judge/simulations.ts';
import { interval, plain } from '#lab/kit/text/format.ts';
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
    const { reason } = evidence;
    say(`${file.name}: ${result.status}${reason ? `. ${reason}` : ''}`);
    figures.push(...figuresOf(file.name, besideSimulations(result, evidence), say));
  }
  const compared = figures.flatMap(({ target }) => (target && 'predicted' in target ? [target] : []));
  const agreeing = compared.filter(({ ok }) => ok).length;
  return [...figures, figure('figures that agree', agreeing, `of ${compared.length}`)];
};

function figuresOf(experiment: string, result: Result, say: (text: string) => void): Figure[] {
  return result.simulations!.variants.flatMap(({ name }) => {
    const invalid = result.validity.find(({ variant, ok }) => variant === name && !ok);
    if (invalid) {
      say(`${experiment}: ${name}: not compared. Invalid: ${invalid.name}.`);
      return [];
    }
    return comparedIn(result, name).map(({ metric, ideal, withOverhead, measured, verdict }) => {
      const best = withOverhead ?? ideal;
      const target = best &&
        verdict !== 'unjudged' && {
          predicted: best.value!,
          tolerance: `(${rangeOf(metric, best)}), ideal ${textOf(metric, ideal?.value ?? null)}`,
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

const rangeOf = (metric: string, { low, high }: Simulated): string =>
  plain(interval({ low: low!, high: high! }, (value) => figureShown(metric, value)));
