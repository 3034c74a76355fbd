import { join } from 'node:path';
import { courseFolder } from '#lab/experiment/course.ts';
import { readSource, textOf } from '#lab/experiment/read.ts';
import { unplayable } from './experiment.ts';
import type { Playable } from './setting.ts';

/**
 * Experiments of the course that every page has, in its order. A is naive, B guarded. One whose end doesn't tell its story
 * rests where A is down and B is not: 06 between two herds, 08 and 11 before A is back.
 */
const presets: readonly (readonly [file: string, A: string, B: string, restMs?: number])[] = [
  ['05-metastable', 'three-tries', 'budget'],
  ['00-demo', 'no-limit', 'limit-16'],
  ['03-retry-amplification', 'three-tries', 'budget'],
  ['04-brownout', 'queue', 'bulkhead', 17_000],
  ['06-breaker-herd', 'fixed', 'jittered', 10_900],
  ['08-poison', 'at-once', 'dead-letters', 13_000],
  ['11-hidden-backlog', 'tight', 'bounded', 9400],
  ['tide', 'naive', 'guarded', 40_000],
];

export const playedInCourse = (): Playable[] =>
  presets.map(([file]) => playable(join(courseFolder(), `${file}.yaml`)));

/**
 * Returns an experiment, given by its file or by its name or number in the course. By default, A is its first variant and
 * B its last. Throws ExperimentError if it can't be simulated.
 */
export function playable(given: string): Playable {
  const { file, value } = readSource(textOf(given), { unsuited: unplayable });
  const { experiment, name } = file;
  const variants = Object.keys(experiment.variants);
  const has = (variant: string) => variants.includes(variant);
  // A file of the user's own may have a name of the course.
  const preset = presets.find(([file, A, B]) => file === name && has(A) && has(B));
  const [, A, B, restMs] = preset ?? [name, variants[0]!, variants.at(-1)!];
  return {
    id: /^\d+(?=-)/.exec(name)?.[0] ?? name,
    ...{ name, title: experiment.title, seed: experiment.seed },
    sentence: experiment.description.split(/(?<=[.?!])\s+/)[0]!.replaceAll(/\s+/g, ' '),
    value: value as Playable['value'],
    names: { A, B },
    ...(restMs !== undefined && { restMs }),
  };
}
