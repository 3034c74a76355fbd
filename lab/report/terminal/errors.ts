import { errorsOf } from '#lab/result/facts.ts';
import type { Result } from '#lab/result/result.ts';
import { count } from '#lab/text/format.ts';
import { wrap } from './paper.ts';

/** The most frequent error of each outcome, a line for each variant; the rest is in the report. */
export function errorLines({ variants, slowMotion }: Result, width: number): string[] {
  const lines = variants.flatMap((variant) => {
    const errors = errorsOf(variant);
    const firsts = errors.filter(
      ({ outcome }, index) => errors.findIndex((each) => each.outcome === outcome) === index,
    );
    const told = firsts.map(({ outcome, reason, count: n }) => `${outcome} "${reason}" (${count(n)}×)`);
    return told.length > 0 ? wrap(`  ${variant.name}: ${told.join('; ')}`, width, '    ') : [];
  });
  const title = `First errors, the most frequent of each outcome${slowMotion ? ' (times in quotes are real time)' : ''}:`;
  return lines.length > 0 ? [...wrap(title, width, '  '), ...lines] : [];
}
