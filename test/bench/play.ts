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
import { reportBrowser, workerIn } from '#test/fixtures/opened-report.ts';
import { type Bench, benchFolder, type Figure, figure, median } from './figure.ts';

/** Measures how fast a page simulates each preset: two variants in two workers of Chromium, and the same in Node. */
export const bench: Bench = async (say, { amount: rounds = 5 }) => {
  using folder = benchFolder();
  await buildScripts(root, folder.path);
  const code = readFileSync(join(folder.path, 'worker.js'), 'utf8');
  await using browser = await reportBrowser();
  await using opened = await browser.showPage('<!doctype html><title>Play</title>');
  await using other = await browser.showPage('<!doctype html><title>Play</title>');
  const workers = await Promise.all([opened, other].map((page) => workerIn(page, code)));
  const isLast = `['done', 'problem'].includes(data.tell)`;
  const never = new AbortController().signal;
  const figures: Figure[] = [];
  for (const playable of playedInCourse()) {
    const setting = plainSetting(playable);
    const { durationMs } = sceneOf(playedExperiment(setting).experiment);
    const [alone, both, node]: number[][] = [[], [], []];
    for (let round = 0; round <= rounds; round++) {
      const asks = sides.map((side, index) => ({ ask: round, setting, side, index }));
      const together = await Promise.all(asks.map((ask) => workers[ask.index]!(ask, isLast)));
      both!.push(Math.max(...together.map(({ tookMs }) => tookMs)));
      let aloneMs = 0;
      for (const ask of asks) aloneMs += (await workers[0]!(ask, isLast)).tookMs;
      alone!.push(aloneMs);
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
    figures.push(
      figure(`30 s of two variants, ${playable.id}`, (bothMs * 30_000) / durationMs, 'ms', { atMost: 500 }),
      figure(`speed in Chromium ÷ Node, ${playable.id}`, nodeMs / aloneMs, '', { atLeast: 0.8 }),
    );
  }
  return figures;
};
