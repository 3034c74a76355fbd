import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCompose } from '#lab/engine/compose.ts';
import { startLocal } from '#lab/engine/local.ts';
import type { Testbed } from '#lab/engine/testbed.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import type { VariantResult } from '#lab/result.ts';
import { run } from '#lab/run/run.ts';
import type { Bench } from './figure.ts';
import { withDocker } from './with-docker.ts';

const burst = fileURLToPath(new URL('../../experiments/01-burst.yaml', import.meta.url));

/** How far the goodput of experiment 01 in containers is from that in processes, variant by variant, side by side. */
export const bench: Bench = withDocker(async (say) => {
  const processes = await runBurst((logFolder) => startLocal({ logFolder }));
  say('in processes: done');
  const containers = await runBurst((logFolder) => startCompose({ logFolder }));
  say('in containers: done');
  return processes.map(({ name, goodput }, index) => {
    const other = containers[index]!.goodput;
    say(`${name}: ${goodput.toFixed(3)} in processes, ${other.toFixed(3)} in containers`);
    return {
      name: `goodput of ${name}, processes ↔ containers`,
      value: Math.abs(goodput - other),
      unit: 'apart',
      target: { atMost: 0.05 },
    };
  });
});

async function runBurst(
  startTestbed: (logFolder: string) => Promise<Testbed>,
): Promise<readonly VariantResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
  try {
    const { errors, variants } = await run(readExperiment(burst), {
      folder,
      command: 'bench',
      startTestbed,
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
    for (const { message } of errors) throw new Error(message);
    return variants;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
