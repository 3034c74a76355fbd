import { expect, test } from 'vitest';
import type { CountedWindow, Recovery } from '#lab/experiment/metrics/counted.ts';
import type { FaultResult, Result } from '#lab/judge/result/result.ts';
import { plain } from '#lab/kit/text/format.ts';
import { answersOf } from '#lab/show/answer.ts';
import { headlineOf } from '#lab/show/conclusion/headline.ts';
import { plainWords } from '#lab/show/conclusion/words.ts';
import { recovered } from '#test/fixtures/measured.ts';
import { alter, type MadeResult, makeResult, pick } from '#test/fixtures/result.ts';

const headline = (result: Result) => headlineOf(result).map((words) => plain(plainWords(words)));

const span = { fromMs: 1000, untilMs: 6000 };
const fault: FaultResult = {
  ...{ name: 'slow', state: 'slowed down', target: 'downstream', onPath: true },
  ...{ asked: span, took: span },
};
const names = ['events-16', 'rpc-retries', 'rpc-nothing'] as const;

/** Returns a result of three variants with these recoveries from a fault, and this goodput after it. */
function after(recoveries: readonly Recovery[], goodputs = [1, 0, 0]): MadeResult {
  const whole = pick(makeResult(), ...names);
  return names.reduce((result, name, i) => {
    const window = {
      ...whole.variants[i]!,
      ...{ name: 'after slow', span: { fromMs: 6000, untilMs: 20_000 } },
      ...{ recovery: recoveries[i]!, goodput: goodputs[i]! },
    } as unknown as CountedWindow & { name: string };
    return alter(result, name, { windows: [window], faults: [fault] });
  }, whole);
}
const asked = (result: Result, title: string, ...texts: string[]): Result => ({
  ...result,
  experiment: { ...result.experiment, title },
  hypotheses: texts.map((text) => ({ text, ok: true, left: 1, right: 0 })),
});
const never = { ...recovered, timeMs: null, atLeastMs: 5000 };
const outlives = 'Why does a failure outlive its cause?';

test('headlineOf names the cause, the victims as one group, and the survivors', () => {
  expect(headline(asked(after([{ ...recovered, timeMs: 800 }, never, never]), outlives))).toEqual([
    'The dependency is slowed down for 5 s.',
    'rpc-retries and rpc-nothing never recover; events-16 recovers after 800 ms.',
    'After slow, rpc-retries and rpc-nothing complete 0 % in time; events-16 100 %.',
  ]);
});

test('headlineOf says who was still recovering when the load ended', () => {
  const result = after([recovered, never, { ...never, leftMs: 3000 }]);
  expect(headline(asked(result, outlives))[1]).toBe(
    'rpc-retries never recovers; rpc-nothing is still recovering; events-16 recovers after 3 s.',
  );
});

test('headlineOf names a process and a connection by their names', () => {
  const causeOf = (target: string) => {
    const result = names.reduce(
      (all, name) => alter(all, name, { faults: [{ ...fault, target, state: 'killed' }] }),
      after([recovered, recovered, recovered]),
    );
    return headline(asked(result, outlives))[0];
  };
  expect(causeOf('downstream-2')).toBe('The process downstream-2 is killed for 5 s.');
  expect(causeOf('gateway->downstream')).toBe('The connection gateway->downstream is killed for 5 s.');
});

test('headlineOf answers the title first, also where all variants are alike', () => {
  const title = 'Which events are lost?';
  expect(headline(asked(after([recovered, recovered, recovered]), title, 'lost(events-16) == 0'))[1]).toBe(
    'No variant loses events.',
  );
});

test('answersOf begins with the metric of the title in the part that it names, then what hypotheses name', () => {
  const result = after([recovered, never, never]);
  const texts = ['p99(events-16) < 1s', 'p99(rpc-retries) > 1s'];
  const title = 'How much load do retries add?';
  expect(answersOf(asked(result, title, ...texts)).map(({ metric }) => metric)).toEqual([
    ...['amplification', 'p99', 'timeToRecover', 'goodput'],
  ]);
});

test('answersOf leaves out a recovery that a later fault cut short', () => {
  const later = { ...fault, name: 'later', took: { fromMs: 7000, untilMs: 8000 } };
  const hasRecovery = (faults: FaultResult[]) => {
    const result = names.reduce((all, name) => alter(all, name, { faults }), after([never, never, never]));
    return answersOf(asked(result, outlives)).some(({ metric }) => metric === 'timeToRecover');
  };
  expect([hasRecovery([fault]), hasRecovery([fault, later])]).toEqual([true, false]);
});
