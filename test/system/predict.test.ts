import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '#lab/judge/result/result.ts';
import { comparedIn } from '#lab/judge/simulations.ts';
import { valuesOf } from '#test/support/figures.ts';
import { marker, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { folderIn, judged, resultIn, writeCalls } from '#test/support/small-run.ts';

withMarker();

const figuresOf = (result: Result) => comparedIn(result, 'calls');

test('run simulates the experiment with ten seeds, and judge answers the same without simulating', async () => {
  const run = spillway(['run', writeCalls(300), '--seed', '4']);
  const { stdout } = await run.ended();
  const result = resultIn(run.out);
  expect(/^≈ [01] of 1\s+variant as simulated\b/m.test(stdout)).toBe(result.status !== 'invalid');
  expect(result.simulations).toMatchObject({ seeds: [4, 5, 6, 7, 8, 9, 10, 11, 12, 13] });
  const [calls] = result.simulations!.variants;
  expect(calls).toMatchObject({ name: 'calls', overhead: result.variants[0]!.self.overhead });
  const p50 = figuresOf(result).find(({ metric }) => metric === 'p50')!;
  const { gatewayMs = Number.NaN, downstreamMs } = calls!.overhead!;
  expect(p50).toMatchObject({
    ideal: { value: expect.closeTo(5) }, // the model of downstream
    withOverhead: { value: expect.closeTo(5 + gatewayMs + downstreamMs) },
    measured: valuesOf(result, 'calls').p50,
  });
  expect((await judged(folderIn(run.out))).result.simulations).toEqual(result.simulations);
  expect(readdirSync(marker).filter((name) => name.startsWith('spillway-predict'))).toEqual([]);
});

/** Writes a module that interrupts its own process when that says that it simulates. */
function interruptSimulations(): string {
  const file = join(marker, 'interrupt.mjs');
  const code = `const write = process.stderr.write.bind(process.stderr);
process.stderr.write = (text, ...more) => {
  if (String(text).includes('simulating for comparison')) process.kill(process.pid, 'SIGINT');
  return write(text, ...more);
};`;
  writeFileSync(file, code);
  return file;
}

test('run keeps its verdict if it is interrupted while it simulates, and says what is skipped', async () => {
  const file = writeCalls(300, 'hypothesis: [ok(calls) > 0]');
  const run = spillway(['run', '--verbose', file], { NODE_OPTIONS: `--import ${interruptSimulations()}` });
  const { code, stderr } = await run.ended();
  expect(code).toBe(0);
  expect(stderr).toMatch(/^Interrupted: stopping\./m);
  const result = resultIn(run.out);
  expect(result).toMatchObject({ status: 'held', errors: [] });
  expect(result).not.toHaveProperty('simulations');
  expect(survivors()).toEqual([]);
});
