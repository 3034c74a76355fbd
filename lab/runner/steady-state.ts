import { figuresIn } from '#lab/analysis/figures/figures.ts';
import { missedBy } from '#lab/analysis/hypotheses/hypothesis.ts';
import { type Requests, readRecord } from '#lab/evidence/requests.ts';
import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { metrics, type Unit } from '#lab/experiment/hypothesis/metrics.ts';
import { printWindow } from '#lab/experiment/hypothesis/terms.ts';
import { steadyStateOf, untouched } from '#lab/experiment/measures.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { HypothesisResult, VariantResult } from '#lab/result/result.ts';
import { planned, schedule } from '#load/phases.ts';
import type { Counts } from '#load/protocol.ts';

/** Time for the next report of the generator (every 250 ms) and for reading the record of so many requests. */
const lookMs = (requests: number): number => 500 + Math.floor(requests / 500);

/** Minimal time to judge by. */
const leastMs = 500;

/** True if a condition is about a count, which grows with time. */
function growsWithTime(condition: string): boolean {
  const { left, right } = parseHypothesis(condition);
  const [a, b] = [left, right].map((term) => ('metric' in term ? metrics[term.metric].unit : undefined));
  return (a === undefined || b === undefined) && [a, b].some((unit) => unit && counts.has(unit));
}

const counts: ReadonlySet<Unit> = new Set(['requests', 'attempts', 'effects']);

/** Judges just before the first fault if a variant is in its steady state, by the requests scheduled early enough for it. */
export class SteadyState {
  readonly #looked = Promise.withResolvers<readonly HypothesisResult[]>();
  /** Conditions that don't hold. Rejects if the record can't be read. */
  readonly missed = this.#looked.promise;
  readonly #experiment: Experiment;
  readonly #variant: string;
  readonly #recordFile: string;
  readonly #planned: number;
  readonly #untilMs: number;
  readonly #slowMotion: number;
  #isLooking = false;

  constructor(experiment: Experiment, variant: string, recordFile: string, slowMotion = 1) {
    this.#slowMotion = slowMotion;
    this.#experiment = experiment;
    this.#variant = variant;
    this.#recordFile = recordFile;
    this.#planned = planned(experiment.load, experiment.seed);
    this.#untilMs = (untouched(experiment)?.untilMs ?? 0) - lookMs(this.#planned);
    this.missed.catch(() => undefined);
    if (experiment.steadyState.length === 0 || this.#untilMs < leastMs) this.end();
  }

  get holds(): Promise<boolean> {
    return this.missed.then(({ length }) => length === 0);
  }

  /** Receives the time until which the record is complete. */
  recorded({ elapsedMs }: Pick<Counts, 'elapsedMs'>): void {
    if (this.#isLooking || elapsedMs / this.#slowMotion < this.#untilMs + this.#experiment.deadlineMs) return;
    this.#isLooking = true;
    this.#look().then(this.#looked.resolve, this.#looked.reject);
  }

  end(): void {
    this.#isLooking = true;
    this.#looked.resolve([]);
  }

  async #look(): Promise<readonly HypothesisResult[]> {
    const { deadlineMs } = this.#experiment;
    const requests = await readRecord(this.#recordFile, this.#planned, true);
    requests.speedUp(this.#slowMotion);
    this.#failUnended(requests);
    const span = { fromMs: 0, untilMs: this.#untilMs };
    const window = { part: 'span', ...span } as const;
    const figures = figuresIn(requests, deadlineMs, [], span);
    if (figures.offered === 0) return [];
    const windows = [{ name: printWindow(window), span, ...figures }];
    const variant = { name: this.#variant, windows } as unknown as VariantResult;
    const conditions = steadyStateOf(this.#experiment, this.#variant, window);
    const judged = conditions.filter((text) => !growsWithTime(text));
    return missedBy(variant, judged);
  }

  /** Counts requests without an outcome within the deadline as failed. The schedule of a closed loop is unknown. */
  #failUnended(requests: Requests): void {
    const { variants, load, seed } = this.#experiment;
    if (variants[this.#variant]?.callers !== undefined) return;
    for (const { index, scheduledAtMs } of schedule(load, seed)) {
      if (scheduledAtMs >= this.#untilMs) return;
      if (requests.outcome(index) !== undefined) continue;
      requests.scheduledAtMs[index] = scheduledAtMs;
      requests.decide(index, 'unknown');
    }
  }
}
