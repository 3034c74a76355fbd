import { sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import { byGoodput, measuredVariants } from '#lab/result/facts.ts';
import type { Result } from '#lab/result/result.ts';
import { duration, number, plain, share, utc } from '#lab/text/format.ts';
import { plainWords } from './conclusion/conclusion.ts';
import { findingOf } from './conclusion/finding.ts';
import { judged, verdictOf } from './verdict.ts';

/**
 * Summarises a result for an issue or a pull request: verdict, finding, variants by goodput, hypotheses that failed.
 */
export function markdownOf(result: Result): string {
  const { word, sentence, reasons } = verdictOf(result);
  const variants = byGoodput(measuredVariants(result));
  const rows = variants.map(({ name, goodput, amplification, latency, description }) => [
    name,
    share(goodput),
    number(amplification),
    duration(latency?.p50Ms ?? null),
    duration(latency?.p99Ms ?? null),
    description,
  ]);
  const failed = judged(result).filter(({ ok }) => ok === false);
  return plain(
    [
      `**${word}: ${escaped(result.experiment.title)}**\n`,
      `${escaped([sentence, ...findingOf(result).map(plainWords)].join(' '))}\n`,
      ...(result.status === 'invalid' ? reasons.map((reason) => `- ${escaped(reason)}\n`) : []),
      ...(rows.length > 0
        ? [
            rowOf([
              'Variant',
              'Goodput',
              'Attempts per request',
              'p50 of completed',
              'p99 of completed',
              'Description',
            ]),
            rowOf(['---', '---:', '---:', '---:', '---:', '---']),
            ...rows.map((cells) => rowOf(cells.map(escaped))),
            '',
          ]
        : []),
      ...failed.map((hypothesis) => `- ✗ \`${hypothesis.text}\` (${escaped(sidesText(hypothesis))})`),
      `\n\`${result.command}\`, ${utc(result.startedAt)}${result.slowMotion ? `, slow motion × ${result.slowMotion.factor}` : ''}`,
    ].join('\n'),
  );
}

const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Escapes the special characters of Markdown and HTML. */
const escaped = (text: string): string => text.replaceAll(/[\\`*_[\]<>|#]/g, '\\$&').replaceAll(/\s+/g, ' ');
