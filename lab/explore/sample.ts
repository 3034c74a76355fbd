import { conductOnce } from '#lab/conduct/run.ts';
import type { HypothesisResult } from '#lab/experiment/hypothesis/hypothesis-result.ts';
import { isOfRecovery } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import { durationMs } from '#load/phases.ts';

/** Figures of one simulation: of one experiment with one seed. */
export interface Sample {
  readonly figures: readonly Figure[];
  readonly hypotheses: readonly Pick<HypothesisResult, 'ok' | 'left'>[];
  /** Reason why its figures don't count, if it ended early or a variant was invalid. */
  readonly problem?: string;
  /** Duration of the longer load after which verdicts are known, if a variant was still recovering after the file's. */
  readonly watchedMs?: number;
}

/** Number of times that the duration of the load is doubled while a variant is still recovering. */
const doublings = 3;

/** Simulates an experiment, with a longer load, alike until then, while a variant is still recovering at its end. */
export async function sampleOf(file: ExperimentFile, seed: number): Promise<Sample> {
  let sample = await sampleOnce(file, seed);
  let load: Experiment['load'] | undefined = file.experiment.load;
  for (let i = 0; i < doublings && isRecovering(sample); i++) {
    load = doubled(load);
    if (!load) break;
    const longer = await sampleOnce({ ...file, experiment: { ...file.experiment, load } }, seed);
    if (longer.problem !== undefined) break;
    sample = decidedBy(longer, sample, durationMs(load));
  }
  return sample;
}

const isRecovering = ({ figures }: Sample): boolean => figures.some(({ metric }) => metric === 'timeLeft');

/** Lengthens the last phase of a load. Returns undefined if its rate isn't constant. */
function doubled(load: Experiment['load']): Experiment['load'] | undefined {
  const { arrivals, ...phase } = load.at(-1)!;
  if (arrivals.kind !== 'constant' && arrivals.kind !== 'poisson') return undefined;
  return load.with(-1, { ...phase, arrivals: { ...arrivals, forMs: arrivals.forMs + durationMs(load) } });
}

/** Returns the shorter sample with the recoveries of the longer one, and with its verdicts where it has none. */
const decidedBy = (longer: Sample, shorter: Sample, watchedMs: number): Sample => ({
  ...shorter,
  watchedMs,
  hypotheses: shorter.hypotheses.map((each, i) => (each.ok === null ? longer.hypotheses[i]! : each)),
  figures: [
    ...shorter.figures.filter((figure) => !isOfRecovery(figure)),
    ...longer.figures.filter(isOfRecovery),
  ],
});

async function sampleOnce(file: ExperimentFile, seed: number): Promise<Sample> {
  const result = await conductOnce({
    file: { ...file, experiment: { ...file.experiment, seed } },
    ...{ world: simulated(), folder: '', figuresOnly: true },
    commandOf: () => '',
    signal: new AbortController().signal, // a thread ends by being terminated
    onProgress() {},
  });
  const failed = result.validity.find(({ ok }) => !ok);
  const invalid = failed && `${failed.variant}: ${failed.name}: ${failed.finding}`;
  const problem = result.errors[0]?.message ?? invalid;
  const isWhole = result.errors.length === 0;
  return {
    figures: result.figures,
    hypotheses: result.hypotheses.map(({ ok, left }) => ({ ok: isWhole ? ok : null, left })),
    ...(problem !== undefined && { problem }),
  };
}
