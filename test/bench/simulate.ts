import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Bench, type Figure, figure, inRounds, median } from './figure.ts';
import type { SimulatedRun } from './simulated-run.ts';

const script = fileURLToPath(new URL('simulated-run.ts', import.meta.url));
const rounds = 3;

/** Measures the speed of a simulation, and the growth of its memory from 10⁵ to 10⁶ requests. */
export const bench: Bench = async (say) => {
  const [few, many] = [await simulated(100_000, say), await simulated(1_000_000, say)];
  const perSecond = (runs: readonly SimulatedRun[]) =>
    median(runs.map(({ attempts, conductMs }) => (attempts / conductMs) * 1000));
  const perAttempt = (ms: (run: SimulatedRun) => number) =>
    median(many.map((run) => (ms(run) * 1e6) / run.attempts));
  const peakMb = (runs: readonly SimulatedRun[]) =>
    median(runs.map(({ rssPeakBytes }) => rssPeakBytes / 1024 ** 2));
  const alone: Figure[] = [];
  for (const scenario of ['500/s, three', '1,100/s, three', '1,100/s, bucket']) {
    const runs = await simulated(300_000, say, scenario, 'figures');
    const all = runs.map(
      ({ attempts, conductMs, analysisMs }) => (attempts / (conductMs + analysisMs)) * 1000,
    );
    alone.push(figure(`attempts per second, figures alone, ${scenario}`, median(all), '/s'));
  }
  return [
    ...alone,
    figure('attempts per second and core, 10⁶ requests', perSecond(many), '/s', { atLeast: 250_000 }),
    figure('attempts per second and core, 10⁵ requests', perSecond(few), '/s'),
    figure(
      'CPU per attempt, 10⁶ requests',
      perAttempt(({ conductMs }) => conductMs),
      'ns',
    ),
    figure(
      'CPU of the analysis per attempt, 10⁶ requests',
      perAttempt(({ analysisMs }) => analysisMs),
      'ns',
    ),
    figure('memory of a simulation of 10⁵ requests', peakMb(few), 'MB'),
    figure('memory of a simulation, 10⁶ requests beyond 10⁵', peakMb(many) - peakMb(few), 'MB', {
      atMost: 32,
    }),
  ];
};

/** Options of Node in the threads of sweep, tune and search. */
const youngGeneration = '--max-semi-space-size=32';

const simulated = (
  requests: number,
  say: (text: string) => void,
  scenario = 'policies',
  evidence = '',
): Promise<SimulatedRun[]> =>
  inRounds(
    rounds,
    async () => {
      const args = [youngGeneration, script, String(requests), scenario, evidence];
      return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    },
    say,
    ({ attempts, conductMs, rssPeakBytes }) =>
      `${scenario}, ${requests} requests: ${((conductMs * 1e6) / attempts).toFixed(0)} ns per attempt, ${(rssPeakBytes / 1024 ** 2).toFixed(0)} MB`,
  );
