import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kit/clock.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import { type Bench, median } from './figure.ts';

const spillway = fileURLToPath(new URL('../../bin/spillway', import.meta.url));
const testbeds = 5;
const helps = 10;

/** Measures the time until a testbed is ready, and until the command prints anything. */
export const bench: Bench = async (say) => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
  const startsMs = [];
  for (let round = 1; round <= testbeds; round++) {
    const startedAtMs = systemClock.now();
    const testbed = await startLocal({ logFolder: folder });
    startsMs.push(systemClock.now() - startedAtMs);
    await testbed.stop();
    say(`testbed ${round} of ${testbeds} was ready after ${startsMs.at(-1)!.toFixed(0)} ms`);
  }
  rmSync(folder, { recursive: true });

  const helpsMs = [];
  for (let round = 1; round <= helps; round++) {
    const startedAtMs = systemClock.now();
    execFileSync(spillway, ['--help']);
    helpsMs.push(systemClock.now() - startedAtMs);
  }
  return [
    { name: 'start of a testbed', value: median(startsMs), unit: 'ms' },
    { name: 'spillway --help', value: median(helpsMs), unit: 'ms' },
  ];
};
