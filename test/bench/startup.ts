import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kit/clock.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import { type Bench, benchFolder, figure, inRounds, median } from './figure.ts';

const spillway = fileURLToPath(new URL('../../bin/spillway', import.meta.url));
const testbeds = 5;
const helps = 10;

/** Measures how long a testbed takes to be ready, and how long `spillway --help` takes. */
export const bench: Bench = async (say) => {
  using folder = benchFolder();
  const start = async () => {
    const startedAtMs = systemClock.now();
    const testbed = await startLocal({ logFolder: folder.path });
    const tookMs = systemClock.now() - startedAtMs;
    await testbed.stop();
    return tookMs;
  };
  const help = async () => {
    const startedAtMs = systemClock.now();
    execFileSync(spillway, ['--help']);
    return systemClock.now() - startedAtMs;
  };
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const startsMs = await inRounds(testbeds, start, say, ms);
  const helpsMs = await inRounds(helps, help, say, ms);
  return [
    figure('start of a testbed', median(startsMs), 'ms'),
    figure('spillway --help', median(helpsMs), 'ms'),
  ];
};
