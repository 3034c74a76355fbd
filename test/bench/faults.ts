import { kindsOf } from '#lab/faults/kinds.ts';
import type { Bench } from './figure.ts';
import { oneRun } from './run.ts';

const kinds: Readonly<Record<string, string>> = {
  latency: 'kind: latency, added: { kind: fixed, ms: 20 }',
  failure: 'kind: failure, ratio: 0.5',
  freeze: 'kind: freeze',
  pause: 'kind: pause',
  kill: 'kind: kill',
  stop: 'kind: stop',
};
const times = 5;
const forMs = 400;
/** Time from the start of a fault to the start of the next, enough for a killed process to start again. */
const apartMs = 3000;

/** Measures how late faults of downstream begin and end. A fault that ended the process ends when it runs again. */
export const bench: Bench = async (say) => {
  const delays: { readonly kind: string; readonly begin: number; readonly end: number }[] = [];
  for (const [kind, options] of Object.entries(kinds)) {
    const [calls] = await oneRun(textOf(options));
    for (const { asked, took } of calls!.faults!) {
      if (!took) throw new Error(`${kind} did not take`);
      delays.push({ kind, begin: took.fromMs - asked.fromMs, end: took.untilMs - asked.untilMs });
    }
    say(`${kind}: done`);
  }
  return Object.keys(kinds).flatMap((name) => {
    const own = delays.filter(({ kind }) => kind === name);
    const { returns = false } = kindsOf('downstream')[name]!;
    return [
      {
        name: `${name} takes hold after at most`,
        value: Math.max(...own.map(({ begin }) => begin)),
        ...within,
      },
      {
        name: `${name} is gone after at most${returns ? ', started again' : ''}`,
        value: Math.max(...own.map(({ end }) => end)),
        ...(returns ? { unit: 'ms' } : within),
      },
    ];
  });
};

const within = { unit: 'ms', target: { atMost: 50 } };

const textOf = (options: string): string => `
title: Faults
deadlineMs: 1000
load: [{ arrivals: { kind: poisson, ratePerSecond: 100, forMs: ${times * apartMs + 1000} } }]
downstream: { model: { kind: fixed, latencyMs: 5 } }
variants: { calls: { path: rpc } }
faults:
${Array.from(
  { length: times },
  (_, i) =>
    `  - { name: f${i}, atMs: ${500 + i * apartMs}, forMs: ${forMs}, target: downstream, fault: { ${options} } }`,
).join('\n')}
`;
