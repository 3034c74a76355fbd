import { createInterface } from 'node:readline/promises';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { nearestOrAll } from '#kit/schema/nearest.ts';
import type { OwnAnswer, OwnNumbers } from '#lab/explore/own-numbers.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { duration, share } from '#lab/kit/text/format.ts';
import { alignedRows, wrap } from '#lab/show/terminal/paper.ts';
import { exitInterrupted } from './interrupt.ts';

type Name = keyof OwnNumbers;

const asked: Readonly<Record<Name, { what: string; from: number; to: number; isWhole?: true }>> = {
  p50: { what: 'median latency of the dependency in ms, at low load', from: 0.01, to: 60_000 },
  p99: { what: '99th percentile of its latency in ms, at low load', from: 0.01, to: 60_000 },
  concurrent: { what: 'number of calls that it handles at a time', from: 1, to: 1000, isWhole: true },
  rate: { what: 'usual rate in requests per second', from: 0.1, to: 20_000 },
  retries: { what: 'number of retries after the first try', from: 0, to: 20, isWhole: true },
  timeout: { what: 'timeout of each try in ms', from: 1, to: 60_000 },
};
const names = Object.keys(asked) as Name[];

/** Parses numbers such as `p50=40,p99=200`. Throws InvalidArgumentError. */
export function numbersIn(text: string): Partial<OwnNumbers> {
  const pairs = text.split(',').map((pair) => {
    const [name = '', ...value] = pair.split('=').map((part) => part.trim());
    if (!names.includes(name as Name))
      throw new InvalidArgumentError(`expected NAME=NUMBER, got ${pair}: ${nearestOrAll(name, names)}`);
    return [name, numberOf(name as Name, value.join('='))] as const;
  });
  const twice = pairs.find(([name], index) => pairs.slice(0, index).some(([before]) => before === name));
  if (twice) throw new InvalidArgumentError(`expected ${twice[0]} once`);
  return Object.fromEntries(pairs);
}

function numberOf(name: Name, text: string): number {
  const { what, from, to, isWhole } = asked[name];
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || !(value >= from && value <= to) || (isWhole && !Number.isInteger(value)))
    throw new InvalidArgumentError(
      `expected ${name}, the ${what}, as a ${isWhole ? 'whole ' : ''}number without unit from ${from} to ${to}, got ${name}=${text}`,
    );
  return value;
}

/** Asks for the numbers that are missing. Throws InputError without a terminal. Ctrl-C and Ctrl-D end the process. */
export async function askMissing(given: Partial<OwnNumbers>): Promise<OwnNumbers> {
  const missing = names.filter((name) => given[name] === undefined);
  const numbers: Partial<Record<Name, number>> = { ...given };
  if (missing.length === 0) return numbers as OwnNumbers;
  const lacking = `--from lacks ${missing.map((name) => `${name} (${asked[name].what})`).join(', ')}`;
  if (!process.stdin.isTTY) throw new InputError(lacking);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const interrupt = () => exitInterrupted('no file was written.');
  terminal.on('close', interrupt);
  for (const name of missing) {
    while (numbers[name] === undefined) {
      const text = await terminal.question(`${name}, the ${asked[name].what}: `);
      try {
        numbers[name] = numberOf(name, text.trim());
      } catch (error) {
        process.stderr.write(`${(error as Error).message}\n`);
      }
    }
  }
  terminal.off('close', interrupt).close();
  return numbers as OwnNumbers;
}

/** Goodput in the spike from which a variant counts as up. */
const upFrom = 0.95;

/** Says what becomes of a variant, in words and in the cell of a table. */
function outcomeOf({ before, spike, backAfterMs, isStuck }: OwnAnswer): { words: string; cell: string } {
  const inSpike = share(spike);
  if (Number.isNaN(before)) return { words: 'is not known', cell: 'not known' };
  if (before < upFrom)
    return { words: 'fails before the spike, too', cell: `${inSpike}, ${share(before)} before` };
  if (spike >= upFrom) return { words: 'stays up', cell: inSpike };
  const words = isStuck ? 'stays down' : 'recovers slowly';
  if (backAfterMs === null) return { words, cell: `${inSpike}, ${words}` };
  const back = backAfterMs === 0 ? 'at once' : `in ${duration(backAfterMs)}`;
  return { words: 'comes back', cell: `${inSpike}, back ${back}` };
}

/** Formats the answers, one line for each assumption, and says which assumptions change them. */
export function answerLines(answers: readonly OwnAnswer[], width = Number.POSITIVE_INFINITY): string[] {
  const byAssumption = [...Map.groupBy(answers, ({ assumption }) => assumption)];
  const heads = ['', ...byAssumption[0]![1].map(({ variant }) => variant)];
  const rows = byAssumption.map(([assumption, of]) => [
    assumption,
    ...of.map((answer) => outcomeOf(answer).cell),
  ]);
  /** Groups assumptions by what follows from them: `stays down (queues, slows down)`. */
  const grouped = (keyOf: (answers: readonly OwnAnswer[]) => string): string[] => {
    const groups = Map.groupBy(byAssumption, ([, of]) => keyOf(of));
    return [...groups].map(([key, of]) => `${key} (${of.map(([assumption]) => assumption).join(', ')})`);
  };
  const yours = grouped(([first]) => outcomeOf(first!).words);
  const sentences = [
    `${yours.length > 1 ? 'The assumption decides' : 'The same for all'}: yours ${yours.join('; ')}.`,
    `Best: ${grouped(bestOf).join('; ')}.`,
    'The file has the first assumption, and the others as comments. To find out which one fits, see docs/how-to/own-numbers.md.',
  ];
  return [
    ...alignedRows([heads, ...rows]).flat(),
    '',
    ...sentences.flatMap((sentence) => wrap(sentence, width, '  ')),
  ];
}

/** Returns the names of the variants that complete the most in time, within a point. */
function bestOf(answers: readonly OwnAnswer[]): string {
  const most = Math.max(...answers.map(({ goodput }) => goodput));
  if (Number.isNaN(most)) return 'not known';
  const best = answers.filter(({ goodput }) => goodput > most - 0.01).map(({ variant }) => variant);
  return best.length === answers.length ? 'all alike' : best.join(' or ');
}
