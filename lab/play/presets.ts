import { join } from 'node:path';
import { courseFolder } from '#lab/experiment/course.ts';
import { readSource, textOf } from '#lab/experiment/read.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
import type { Playable, Side } from './setting.ts';

interface Preset extends Readonly<Record<Side, string>> {
  readonly file: string;
  readonly restMs?: number;
}

/**
 * Experiments of the course that every page has, in its order. A is naive, B guarded. One whose end doesn't tell its story
 * rests where A is down and B is not: 06 between two herds, 08 and 11 before A is back.
 */
const presets: readonly Preset[] = [
  { file: '05-metastable', A: 'three-tries', B: 'budget' },
  { file: '00-demo', A: 'no-limit', B: 'limit-16' },
  { file: '03-retry-amplification', A: 'three-tries', B: 'budget' },
  { file: '04-brownout', A: 'queue', B: 'bulkhead', restMs: 17_000 },
  { file: '06-breaker-herd', A: 'fixed', B: 'jittered', restMs: 10_900 },
  { file: '08-poison', A: 'at-once', B: 'dead-letters', restMs: 13_000 },
  { file: '11-hidden-backlog', A: 'tight', B: 'bounded', restMs: 9400 },
  { file: 'tide', A: 'naive', B: 'guarded', restMs: 40_000 },
];

/** Returns the experiments of the course that every page has. */
export const playedInCourse = (): Playable[] =>
  presets.map(({ file }) => playable(join(courseFolder(), `${file}.yaml`)));

/**
 * Returns an experiment, given by its file or by its name or number in the course. By default, A is its first variant and
 * B its last. Throws ExperimentError if it can't be simulated.
 */
export function playable(given: string): Playable {
  const { file, value } = readSource(textOf(given), { unsuited: unsimulated });
  const { experiment, name } = file;
  const variants = Object.keys(experiment.variants);
  const { A, B, restMs } = presets.find((each) => each.file === name) ?? {
    A: variants[0]!,
    B: variants.at(-1)!,
  };
  return {
    id: /^\d+(?=-)/.exec(name)?.[0] ?? name,
    ...{ name, title: experiment.title, seed: experiment.seed },
    sentence: firstSentenceOf(experiment.description),
    value: value as Playable['value'],
    names: { A, B },
    ...(restMs !== undefined && { restMs }),
  };
}

const firstSentenceOf = (description: string): string =>
  description.split(/(?<=[.?!])\s+/)[0]!.replaceAll(/\s+/g, ' ');
