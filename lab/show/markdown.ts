import { sidesText } from '#lab/judge/hypotheses/sides-text.ts';
import { byGoodput } from '#lab/judge/result/facts.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { roundsText } from '#lab/judge/statistics/rounds.ts';
import { plain, utc } from '#lab/kit/text/format.ts';
import { columnsOf } from './columns.ts';
import { findingOf } from './conclusion/finding.ts';
import { plainWords } from './conclusion/words.ts';
import { titleOf, verdictOf } from './verdict.ts';

/**
 * Summarises a result for an issue or a pull request: verdict, finding, variants by goodput, hypotheses that failed.
 */
export function markdownOf(result: Result): string {
  const { hypotheses, rounds, slowMotion, variants } = result;
  const { word, sentence, reasons } = verdictOf(result);
  const failed = hypotheses.filter(({ ok }) => ok === false);
  return plain(
    [
      `**${word}: ${escaped(titleOf(result))}**\n`,
      `${escaped([sentence, ...findingOf(result).map(plainWords)].join(' '))}\n`,
      ...reasons.map((reason) => `- ${escaped(reason)}\n`),
      ...(rounds && variants.length > 0
        ? [`Means over ${roundsText(result)}, with their 95 % intervals:\n`]
        : []),
      ...tableOf(result),
      ...failed.map((hypothesis) => `- ✗ \`${hypothesis.text}\` (${escaped(sidesText(hypothesis))})`),
      `\n\`${result.command}\`, ${utc(result.startedAt)}${slowMotion ? `, slow motion × ${slowMotion.factor}` : ''}`,
    ].join('\n'),
  );
}

function tableOf(result: Result): string[] {
  const variants = byGoodput(result);
  if (variants.length === 0) return [];
  const columns = columnsOf(result);
  const rows = variants.map((variant) => [
    variant.name,
    ...columns.map(({ cell }) => cell(variant).replace(/\n(.*)/, ' ($1)')),
    variant.description,
  ]);
  return [
    rowOf(['Variant', ...columns.map(({ head }) => head), 'Description']),
    rowOf(['---', ...columns.map(() => '---:'), '---']),
    ...rows.map((cells) => rowOf(cells.map(escaped))),
    '',
  ];
}

const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Escapes the special characters of Markdown and HTML. */
const escaped = (text: string): string => text.replaceAll(/[\\`*_[\]<>|#]/g, '\\$&').replaceAll(/\s+/g, ' ');
