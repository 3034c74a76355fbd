import { sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import { meanOver } from '#lab/analysis/statistics/estimates.ts';
import type { MetricName } from '#lab/experiment/hypothesis/metrics.ts';
import { byGoodput, measuredVariants } from '#lab/result/facts.ts';
import type { Result, Round } from '#lab/result/result.ts';
import {
  duration,
  type Format,
  interval,
  none,
  number,
  plain,
  plural,
  share,
  utc,
} from '#lab/text/format.ts';
import { findingOf } from './conclusion/finding.ts';
import { plainWords } from './conclusion/words.ts';
import { judged, verdictOf } from './verdict.ts';

/**
 * Summarises a result for an issue or a pull request: verdict, finding, variants by goodput, hypotheses that failed.
 */
export function markdownOf(result: Result): string {
  const { word, sentence, reasons } = verdictOf(result);
  const rows = result.rounds ? rowsOfRounds(result, result.rounds) : rowsOfVariants(result);
  const failed = judged(result).filter(({ ok }) => ok === false);
  return plain(
    [
      `**${word}: ${escaped(result.experiment.title)}**\n`,
      `${escaped([sentence, ...findingOf(result).map(plainWords)].join(' '))}\n`,
      ...(result.status === 'invalid' ? reasons.map((reason) => `- ${escaped(reason)}\n`) : []),
      ...(rows.length > 0 && result.rounds
        ? [`Means over ${plural(result.rounds.length, 'round')}, with their 95 % intervals:\n`]
        : []),
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

const rowsOfVariants = (result: Result): string[][] =>
  byGoodput(measuredVariants(result)).map(({ name, goodput, amplification, latency, description }) => [
    name,
    share(goodput),
    number(amplification),
    duration(latency?.p50Ms ?? null),
    duration(latency?.p99Ms ?? null),
    description,
  ]);

function rowsOfRounds(result: Result, rounds: readonly Round[]): string[][] {
  const mean = (name: string, metric: MetricName, format: Format) => {
    const estimate = meanOver(rounds, name, metric);
    return estimate ? `${format(estimate.value)} (${interval(estimate, format)})` : none;
  };
  return byGoodput(measuredVariants(result)).map(({ name, description }) => [
    name,
    mean(name, 'goodput', share),
    mean(name, 'amplification', number),
    mean(name, 'p50', duration),
    mean(name, 'p99', duration),
    description,
  ]);
}

const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Escapes the special characters of Markdown and HTML. */
const escaped = (text: string): string => text.replaceAll(/[\\`*_[\]<>|#]/g, '\\$&').replaceAll(/\s+/g, ' ');
