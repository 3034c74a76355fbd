import { createInterface } from 'node:readline/promises';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { share } from '#lab/experiment/text/format.ts';
import type { OwnAnswer, OwnNumbers } from '#lab/explore/own-numbers.ts';

type Name = keyof OwnNumbers;

/** What each number is, for questions and errors. */
const asked: Readonly<Record<Name, string>> = {
  p50: 'median latency of the dependency in ms',
  p99: 'its 99th percentile in ms',
  concurrent: 'calls that it handles at a time',
  rate: 'requests per second, usually',
  retries: 'retries after the first try',
  timeout: 'timeout of each try in ms',
};
const names = Object.keys(asked) as Name[];

/** Parses numbers such as `p50=40,p99=200`. Throws InvalidArgumentError. */
export function numbersIn(text: string): Partial<OwnNumbers> {
  const pairs = text.split(',').map((pair) => {
    const [name = '', value = ''] = pair.split('=');
    if (!names.includes(name as Name))
      throw new InvalidArgumentError(`expected one of ${names.join(', ')}, got ${name}`);
    return [name, numberOf(name as Name, value)] as const;
  });
  return Object.fromEntries(pairs);
}

function numberOf(name: Name, text: string): number {
  const value = Number(text);
  const isWhole = name === 'retries' || name === 'concurrent';
  const least = name === 'retries' ? 0 : 1;
  if (text.trim() === '' || !(value >= least && value <= 1e6) || (isWhole && !Number.isInteger(value)))
    throw new InvalidArgumentError(
      `expected ${name}, the ${asked[name]}, as a ${isWhole ? 'whole ' : ''}number from ${least}, got '${text}'`,
    );
  return value;
}

/** Asks for the numbers that are missing. Without a terminal, throws InputError. */
export async function askMissing(given: Partial<OwnNumbers>): Promise<OwnNumbers> {
  const missing = names.filter((name) => given[name] === undefined);
  const numbers: Partial<Record<Name, number>> = { ...given };
  if (missing.length > 0 && !process.stdin.isTTY)
    throw new InputError(`--from lacks ${missing.map((name) => `${name} (${asked[name]})`).join(', ')}`);
  if (missing.length === 0) return numbers as OwnNumbers;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (const name of missing) {
      while (numbers[name] === undefined) {
        const text = await terminal.question(`${name}, the ${asked[name]}: `);
        try {
          numbers[name] = numberOf(name, text);
        } catch (error) {
          process.stderr.write(`${(error as Error).message}\n`);
        }
      }
    }
  } finally {
    terminal.close();
  }
  return numbers as OwnNumbers;
}

/** Formats the answers, one line for each assumption. */
export function answerLines(answers: readonly OwnAnswer[]): string[] {
  const heads = answers[0]!.variants.map(({ name }) => name);
  const rows = [
    ['', ...heads],
    ...answers.map(({ assumption, variants }) => [
      assumption,
      ...variants.map(({ spike, after }) => `${share(spike)}, then ${share(after)}`),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd(),
  );
}
