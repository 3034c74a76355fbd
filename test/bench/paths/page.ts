import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '#kit/process/installation.ts';
import { table } from '#lab/build/reference/tables.ts';
import { machine, median, rounded } from '../figure.ts';
import { eventsPerSecond, type Round, ratePerSecond } from './round.ts';

/** Processes of each path, with what each one does for a request. */
const processes = [
  ['bare server', 'answers with `node:http` alone'],
  ['generator', 'sends, and records the outcome'],
  ['gateway', 'forwards without policies'],
  ['gateway with all five policies', 'forwards through the usual list'],
  ['downstream', 'answers by its model, and logs the effect'],
  ['generator of events', 'sends, and receives the completion'],
  ['publisher', 'stores an event in its stream'],
  ['consumer', 'takes an event, calls downstream, acknowledges'],
] as const;

/** Writes docs/performance.md from the medians over the rounds. */
export function writePage(rounds: readonly Round[]): void {
  const of = (name: string) => median(rounds.map((round) => round[name]!));
  const over = (name: string, base: string) =>
    rounded(median(rounds.map((round) => round[name]! / round[base]!)));
  const policies = Object.keys(rounds[0]!).filter((name) => name.startsWith('policy '));
  writeFileSync(
    join(root, 'docs/performance.md'),
    `# What one core sustains

\`npm run bench paths\` writes this page. Each figure is the median of ${rounds.length} rounds on this machine:

    ${machine()}

## Processes

CPU time per request or event, of each process on its own. One core sustains at most a second divided by it.
The load is ${ratePerSecond} requests a second on the path \`rpc\`, and ${eventsPerSecond} events a second on the path \`event\`.

${table(
  ['process', 'for each request it', 'CPU in µs', '÷ bare server', 'one core sustains'],
  processes.map(([name, does]) => [
    name,
    does,
    rounded(of(name)),
    over(name, 'bare server'),
    `${rounded(1e6 / of(name))}/s`,
  ]),
)}
A consumer with a backlog handles ${rounded(of('events per second'))} events a second: ${over('events per second', 'bare loop, events per second')} × the rate of a bare loop, which takes events, calls the same
server with undici and acknowledges. 99 % of the requests of a burst are sent within ${rounded(of('send lag p99 in bursts, ms'))} ms. \`spillway up\`
takes ${rounded(of('start of a testbed, ms') / 1000)} s.

## Policies

CPU time that a list of policies adds to a call, if none of them acts.

${table(
  ['policies', 'CPU in µs'],
  policies.map((name) => [name.slice('policy '.length), rounded(of(name))]),
)}
To compare with another checkout in turns: \`npm run bench paths against=FOLDER\`.
`,
  );
}
