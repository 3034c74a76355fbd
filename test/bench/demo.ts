import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kit/clock.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { type BenchOptions, benchFolder, type Figure, figure } from './figure.ts';

const launcher = fileURLToPath(new URL('../../bin/spillway', import.meta.url));
const amountDefault = 5;

/** Limit of the demo's duration in s, by the factor of its slow motion. */
const secondsMax: Readonly<Record<number, number>> = { 1: 25, 2: 60, 4: 60 };

/** Runs the demo with ascending seeds. Measures its duration, and counts runs that held. */
export async function demos(
  say: (text: string) => void,
  { amount = amountDefault, seed }: BenchOptions,
): Promise<Figure[]> {
  const runs: Run[] = [];
  for (let index = 0; index < amount; index++) {
    const run = demo(seed + index);
    const { result, factor, seconds } = run;
    say(`seed ${seed + index}: ${result.status} in ${seconds.toFixed(1)} s at factor ${factor}`);
    runs.push(run);
  }
  const held = runs.filter(({ result }) => result.status === 'held');
  return [
    ...slowest(runs),
    figure('demos that held', held.length, `of ${runs.length}`, { atLeast: runs.length }),
  ];
}

interface Run {
  readonly result: Result;
  /** Factor of slow motion. */
  readonly factor: number;
  readonly seconds: number;
}

/** Returns the longest duration at each factor of slow motion. */
const slowest = (runs: readonly Run[]): Figure[] =>
  [...Map.groupBy(runs, ({ factor }) => factor)].map(([factor, group]) => {
    const atMost = secondsMax[factor];
    const seconds = Math.max(...group.map((run) => run.seconds));
    return figure(
      `experiment 00, slowest at factor ${factor}`,
      seconds,
      's',
      atMost ? { atMost } : undefined,
    );
  });

/** Runs the demo's experiment as a separate process, with results in a temporary folder. Throws if the run has no verdict. */
function demo(seed: number): Run {
  using folder = benchFolder();
  const startedAtMs = systemClock.now();
  const { status, stdout, stderr } = spawnSync(
    launcher,
    ['run', '00', '--slow-motion', 'auto', '--json', '--seed', String(seed), '--out', folder.path],
    { encoding: 'utf8', maxBuffer: Number.POSITIVE_INFINITY },
  );
  const seconds = (systemClock.now() - startedAtMs) / 1000;
  const judged: readonly (number | null)[] = [exitCodes.held, exitCodes.failed, exitCodes.invalid];
  if (!judged.includes(status)) throw new Error(`it ended with ${status}: ${stderr}`);
  const result: Result = JSON.parse(stdout);
  return { result, factor: result.slowMotion?.factor ?? 1, seconds };
}
