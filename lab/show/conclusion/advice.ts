import type { Advice, Result } from '#lab/judge/result/result.ts';
import { plural, share } from '#lab/kit/text/format.ts';
import { say, type Words } from './words.ts';

/** Says for each variant that collapsed what would have saved it, and which command writes that. */
export function adviceOf(result: Result): Words[] {
  const { advice = [] } = result;
  const variantOf = (advice: Advice) => result.variants.find(({ name }) => name === advice.variant)!;
  const sentences = advice.map((each) => say`${variantOf(each)}: ${adviceText(each)}`);
  const isFound = advice.some(({ change }) => change !== undefined);
  const isCutOff = advice.some((each) => each.isCutOff);
  if (!isFound && !isCutOff) return sentences;
  const [program] = result.command.split(/ (?:run|simulate|demo)\b/);
  const act = isCutOff ? 'Search on, and write the changed file' : 'Write the changed file';
  return [...sentences, [`${act}: ${program} advise ${result.experiment.file}`]];
}

/** Says what would have saved a variant, or that nothing does. */
export function adviceText({
  change,
  tried,
  window,
  before = 0,
  after = 0,
  seeds = 0,
  isCutOff,
}: Advice): string {
  if (isCutOff) return `the time for a search was over after ${plural(tried, 'tried change')}.`;
  const where = window === undefined ? '' : `, ${window}`;
  return change === undefined
    ? `none of ${plural(tried, 'tried change')} helps.`
    : `with ${change}, ${share(after)} in time${where}, instead of ${share(before)} (simulated with ${plural(seeds, 'fresh seed')}).`;
}
