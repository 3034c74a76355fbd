import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kit/clock.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { agreementOf } from '#lab/report/verdict.ts';
import { saturated } from '#lab/result/facts.ts';
import type { Result } from '#lab/result/result.ts';
import { type Bench, benchFolder, figure } from './figure.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** Measures how long the demo takes, and which share of it is as predicted where no process was saturated. */
export const bench: Bench = async (say) => {
  const startedAtMs = systemClock.now();
  const result = demo();
  const seconds = (systemClock.now() - startedAtMs) / 1000;
  const variants = result.variants.filter((variant) => saturated(variant).length === 0);
  const predictions = variants.flatMap((variant) => variant.predictions);
  say(`${result.status}, with ${variants.length} of ${result.variants.length} variants not saturated`);
  return [
    figure('npm run demo', seconds, 's', { atMost: 60 }),
    figure(
      'variants as predicted, in counts or in goodput',
      variants.filter((variant) => agreementOf(result, variant).agrees).length,
      `of ${variants.length}`,
      { atLeast: Math.max(1, variants.length) },
    ),
    figure('figures as predicted', predictions.filter(({ ok }) => ok).length, `of ${predictions.length}`),
  ];
};

/** The result of the demo as a process of its own, which leaves nothing behind. Throws when it broke. */
function demo(): Result {
  using folder = benchFolder();
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['run', '--silent', 'demo', '--', '--json', '--out', folder.path],
    { cwd: checkout, encoding: 'utf8', maxBuffer: Number.POSITIVE_INFINITY },
  );
  const judged: readonly (number | null)[] = [exitCodes.held, exitCodes.failed, exitCodes.invalid];
  if (!judged.includes(status)) throw new Error(`it ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
