import { loadavg } from 'node:os';
import Table from 'cli-table3';
import { systemClock } from '#kit/clock.ts';
import { type Bench, type Figure, isReached, machine, rounded } from './figure.ts';

const benches: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  paths: () => import('./paths.ts'),
  memory: () => import('./memory.ts'),
  course: () => import('./course.ts'),
  agreement: () => import('./agreement.ts'),
  kills: () => import('./kills.ts'),
  fuzz: () => import('./fuzz.ts'),
  simulate: () => import('./simulate.ts'),
  search: () => import('./search.ts'),
  ceiling: () => import('./ceiling.ts'),
  advice: () => import('./advice.ts'),
  client: () => import('./client.ts'),
  play: () => import('./play.ts'),
  page: () => import('./play-page.ts'),
};

/** Benches that run only if named, since each takes ten minutes or more. */
const long = ['course', 'agreement', 'kills', 'fuzz', 'search', 'ceiling', 'advice'];

// Arguments like `kills=20 seed=7 against=../before mine.yaml`: the amount of a bench, the seed of all draws, another
// checkout to measure in turns, and experiment files.
const isFile = (given: string) => /\.ya?ml$/.test(given);
const files = process.argv.slice(2).filter(isFile);
const against = process.argv.find((given) => given.startsWith('against='))?.slice('against='.length);
const others = process.argv.slice(2).filter((given) => !isFile(given) && !given.startsWith('against='));
const amounts = new Map(
  others.map((given): [string, number | undefined] => {
    const [name = '', amount] = given.split('=');
    return [name, amount === undefined ? undefined : Number(amount)];
  }),
);
const seed = amounts.get('seed') ?? Math.trunc(systemClock.now() * 1000) % 2 ** 31;
amounts.delete('seed');
const given = [...amounts.keys()];
const names = given.length > 0 ? given : Object.keys(benches).filter((name) => !long.includes(name));
const wrong = [...amounts].filter(([, amount]) => amount !== undefined && !(amount > 0));
if (wrong.length > 0 || !Number.isInteger(seed)) {
  process.stderr.write('bench: expected NAME=AMOUNT with an amount above 0, and seed=INTEGER\n');
  process.exit(104);
}
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`bench: expected names out of ${Object.keys(benches).join(', ')}, got ${unknown}\n`);
  process.exit(104);
}

const table = new Table({
  head: ['bench', 'figure', 'measured', 'target', 'reached'],
  style: { head: [], border: [], compact: true },
  colAligns: ['left', 'left', 'right', 'right', 'left'],
});
const missed: string[] = [];
for (const name of names) {
  const say = (text: string) => process.stderr.write(`${name}: ${text}\n`);
  try {
    const { bench } = await benches[name]!();
    for (const figure of await bench(say, { amount: amounts.get(name), seed, files, against })) {
      table.push([name, ...rowOf(figure)]);
      if (isReached(figure) === false) missed.push(`missed: ${figure.name} (${name})\n`);
    }
  } catch (error) {
    say(`crashed: ${(error as Error).stack}`);
    process.exitCode = 1;
  }
}
process.stdout.write(`${table}\n${machine()}, load average ${loadavg()[0]!.toFixed(1)}\n${missed.join('')}`);
if (missed.length > 0) process.exitCode = 1;

function rowOf(figure: Figure): string[] {
  const { name, value, unit, target } = figure;
  const reached = isReached(figure);
  return [
    name,
    `${rounded(value)} ${unit}`,
    target === undefined ? '–' : targetText(target),
    reached === undefined ? '' : reached ? 'yes' : 'no',
  ];
}

function targetText(target: NonNullable<Figure['target']>): string {
  if ('predicted' in target) return `${rounded(target.predicted)} ${target.tolerance}`;
  return 'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
}
