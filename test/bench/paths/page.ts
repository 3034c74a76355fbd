import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '#kit/process/installation.ts';
import { table } from '#lab/build/reference/tables.ts';
import { count } from '#lab/kit/text/format.ts';
import { machine, median, rounded } from '../figure.ts';
import { eventsPerSecond, type Round, ratePerSecond } from './round.ts';

/** Rows of the page, each with the processes whose CPU time it adds up. */
const rows: readonly (readonly [what: string, ...processes: string[]])[] = [
  ['a bare `node:http` server', 'bare server'],
  ['generator, on the path `rpc`', 'generator'],
  ['gateway without policies', 'gateway'],
  ['gateway with all five policies', 'gateway with all five policies'],
  ['downstream', 'downstream'],
  ['**the path `rpc`**: gateway with policies, downstream', 'gateway with all five policies', 'downstream'],
  ['generator, on the path `event`', 'generator of events'],
  ['publisher', 'publisher'],
  ['consumer', 'consumer'],
  ['**the path `event`**: publisher, consumer, downstream', 'publisher', 'consumer', 'downstream'],
];

/** Writes docs/performance.md from the medians over the rounds. */
export function writePage(rounds: readonly Round[]): void {
  const over = (value: (round: Round) => number) => median(rounds.map(value));
  const figure = (name: string) => rounded(over((round) => round[name]!));
  const rowOf = ([what, ...processes]: (typeof rows)[number]) => {
    const costUs = (round: Round) => processes.reduce((sum, name) => sum + round[name]!, 0);
    const ratio = over((round) => costUs(round) / round['bare server']!);
    const perSecond = count(Number((1e6 / over(costUs)).toPrecision(2)));
    return [what, rounded(over(costUs)), rounded(ratio), `${perSecond}/s`];
  };
  const policies = Object.keys(rounds[0]!).filter((name) => name.startsWith('policy '));
  const policyRows = policies.map((name) => [name.slice('policy '.length), figure(name)]);
  const drain = over((round) => round['events per second']! / round['bare loop, events per second']!);
  writeFileSync(
    join(root, 'docs/performance.md'),
    `# Performance

\`npm run bench paths\` writes this page; \`npm run bench paths against=FOLDER\` compares with another checkout in turns. Each
figure is a median of ${rounds.length} rounds on this machine:

    ${machine()}

## What one core sustains

CPU time for a request or an event, at ${count(ratePerSecond)} requests and ${count(eventsPerSecond)} events a second. One core sustains a second divided
by it. The broker, a process of its own, is not measured.

${table(['process', 'CPU in µs', '÷ bare server', 'one core sustains'], rows.map(rowOf))}
A consumer with a backlog handles ${figure('events per second')} events a second, ${rounded(drain)} times the rate of a bare loop of the same clients. Of
the requests of a burst, 99 % are sent within ${figure('send lag p99 in bursts, ms')} ms. \`spillway up\` takes ${figure('start of a testbed, ms')} ms.

## What a policy costs

CPU time that a list of policies adds to a call, if none of them acts.

${table(['policies', 'CPU in µs'], policyRows)}`,
  );
}
