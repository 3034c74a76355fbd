import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#kit/clock.ts';
import { root } from '#kit/process/installation.ts';
import { buildScripts } from '#lab/play/build-scripts.ts';
import { playedExperiment } from '#lab/play/experiment.ts';
import { playedInCourse } from '#lab/play/presets.ts';
import { sceneOf } from '#lab/play/scene.ts';
import { plainSetting, sides } from '#lab/play/setting.ts';
import { answer } from '#lab/play/worker.ts';
import { bareBrowser } from '#test/fixtures/bare-browser.ts';
import { type Bench, benchFolder, type Figure, figure, median } from './figure.ts';

/** Preset above this duration whose time is for 30 s. Below it, the start counts more, and it is for the whole preset. */
const longMs = 10_000;

/** Measures how fast a page simulates each preset: two variants in two workers of Chromium, and the same in Node. */
export const bench: Bench = async (say, { amount: rounds = 5 }) => {
  using folder = benchFolder();
  await buildScripts(root, folder.path);
  const code = readFileSync(join(folder.path, 'worker.js'), 'utf8');
  await using browser = await bareBrowser();
  await browser.evaluate(startOf(code));
  const never = new AbortController().signal;
  const figures: Figure[] = [];
  for (const playable of playedInCourse()) {
    const setting = plainSetting(playable);
    const { durationMs } = sceneOf(playedExperiment(setting).experiment);
    const [alone, both, node]: number[][] = [[], [], []];
    for (let round = 0; round <= rounds; round++) {
      const asks = sides.map((side) => ({ ask: round, setting, side }));
      both!.push(await browser.evaluate<number>(`together(${JSON.stringify(asks)})`));
      alone!.push(await browser.evaluate<number>(`inTurn(${JSON.stringify(asks)})`));
      const fromMs = systemClock.now();
      for (const ask of asks) await answer(ask, () => undefined, never);
      node!.push(systemClock.now() - fromMs);
    }
    // The first round is slower, since its code is new.
    const [aloneMs, bothMs, nodeMs] = [alone!, both!, node!].map((all) => median(all.slice(1))) as [
      ...[number, number, number],
    ];
    say(
      `${playable.name}: ${bothMs.toFixed(0)} ms, one after the other ${aloneMs.toFixed(0)}, Node ${nodeMs.toFixed(0)}`,
    );
    const [span, spanMs] =
      durationMs > longMs ? ['30 s', (bothMs * 30_000) / durationMs] : [`all ${durationMs / 1000} s`, bothMs];
    figures.push(
      figure(`${span} of two variants, ${playable.id}`, spanMs, 'ms', { atMost: 500 }),
      figure(`speed in Chromium ÷ Node, ${playable.id}`, nodeMs / aloneMs, '', { atLeast: 0.8 }),
    );
  }
  return figures;
};

/** Returns code that starts two workers, and functions that resolve with the time of simulations in both or in one. */
const startOf = (code: string): string => `
  const source = URL.createObjectURL(new Blob([${JSON.stringify(code)}]));
  const workers = [new Worker(source), new Worker(source)];
  const answer = (worker, ask) => new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      if (data.kind === 'problem') reject(new Error(data.text));
      if (data.kind === 'done') resolve();
    };
    worker.postMessage(ask);
  });
  const timed = async (act) => {
    const fromMs = performance.now();
    await act();
    return performance.now() - fromMs;
  };
  globalThis.together = (asks) => timed(() => Promise.all(asks.map((ask, index) => answer(workers[index], ask))));
  globalThis.inTurn = (asks) => timed(async () => {
    for (const ask of asks) await answer(workers[0], ask);
  });
  undefined`;
