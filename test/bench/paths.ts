import { resolve } from 'node:path';
import { root as here } from '#kit/process/installation.ts';
import { type Bench, type Figure, figure, inRounds, median } from './figure.ts';
import { writePage } from './paths/page.ts';
import { type Round, startCheckout } from './paths/round.ts';

/** Rounds of a measurement for docs/performance.md. With fewer rounds, the page stays as it is. */
const rounds = 5;

/**
 * Measures each process of both paths, beside a bare server and a bare loop that move the same bytes. With
 * `against=FOLDER`, measures the checkout in that folder in turns.
 */
export const bench: Bench = async (say, { amount = rounds, against }) => {
  await using processes = new AsyncDisposableStack();
  const checkouts: (() => Promise<Round>)[] = [];
  for (const root of against === undefined ? [here] : [here, resolve(against)])
    checkouts.push(await startCheckout(root, processes));
  const measureAll = async () => {
    const measured: Round[] = [];
    for (const measure of checkouts) measured.push(await measure());
    return measured;
  };
  const textOf = ({ gateway, consumer }: Round) =>
    `gateway ${gateway!.toFixed(0)} µs, consumer ${consumer!.toFixed(0)} µs`;
  const all = await inRounds(amount, measureAll, say, (measured) => measured.map(textOf).join('; before: '));
  const now = all.map(([own]) => own!);
  if (amount >= rounds) writePage(now);
  const figures = figuresOf(now);
  if (against === undefined) return figures;
  const changes = Object.keys(now[0]!).map((name) => {
    const changed = all.map(([own, other]) => own![name]! / other![name]!);
    return figure(`${name}, now ÷ before`, median(changed), '×');
  });
  return [...figures, ...changes];
};

/** Highest ratios to the CPU time of a bare server. */
const targets: Readonly<Record<string, number>> = { generator: 0.85, downstream: 1.4, gateway: 2.3 };

/** Returns each figure of the rounds, and beside it the ratio to its bare counterpart. */
function figuresOf(all: readonly Round[]): Figure[] {
  const ratio = (name: string, base: string) => {
    const ratios = all.map((round) => round[name]! / round[base]!);
    const target = targets[name] === undefined ? undefined : { atMost: targets[name] };
    return figure(`${name} ÷ ${base}`, median(ratios), '×', target);
  };
  return Object.keys(all[0]!).flatMap((name) => {
    const unit = unitOf(name);
    const own = figure(name, median(all.map((round) => round[name]!)), unit);
    if (name === 'events per second') return [own, ratio(name, 'bare loop, events per second')];
    if (unit !== 'µs' || name === 'bare server' || name.startsWith('policy ')) return [own];
    return [own, ratio(name, 'bare server')];
  });
}

const unitOf = (name: string) => (name.endsWith(' ms') ? 'ms' : name.endsWith('per second') ? '/s' : 'µs');
