import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { blindPolicies } from '#lab/experiment/checks/blind-policies.ts';
import { parseExperiment, readExperiment, warningsOf } from '#lab/experiment/read.ts';
import { experimentText } from '#test/fixtures/experiment.ts';

const breaker = 'breaker: { window: { kind: count }, failures: 2 }';
const breakerOf = (ofClass: string) => breaker.replace('failures', `class: ${ofClass}, failures`);
const ofMs = (ms: number) => `deadline: { ms: ${ms} }`;
const retry = 'retry: {}';
const timeout = (ms: number, ofClass?: string) =>
  `timeout: { ms: ${ms}${ofClass === undefined ? '' : `, class: ${ofClass}`} }`;

/** Returns the policies of a variant that can't see what they need, as `position/policy: reason`. */
function blind(policies: readonly string[]) {
  const variant = `  calls: { path: rpc, policies: [${policies.map((each) => `{ ${each} }`).join(', ')}] }`;
  const experiment = parseExperiment(
    experimentText({ 6: variant, 7: 'classes: { a: 0.5, b: 0.5 }' }),
    '/folder/x.yaml',
  );
  return blindPolicies(experiment).map(
    ({ pointer, message }) => `${pointer.replace('/variants/calls/policies/', '')}: ${message}`,
  );
}

const cutOff = (at: number, by: string, ms: number) =>
  `${at}/breaker: the breaker does not count the calls that the ${by} outside it cuts off: put a timeout of less than ${ms} ms inside the breaker`;
const cut = cutOff(1, 'timeout', 100);
const requests = (at: number) =>
  `${at}/breaker: the breaker counts requests and not attempts: put it inside the retry`;
const late = (at: number, by: string, ms: number) =>
  `${at}/timeout: the timeout never acts, as the ${by} of ${ms} ms outside it ends first: give it less time`;

test.each([
  ['a breaker inside a timeout', [timeout(100), breaker], [cut]],
  ['a breaker inside a deadline of its own', [ofMs(90), breaker], [cutOff(1, 'deadline', 90)]],
  [
    'a breaker inside two, the shorter of which cuts',
    [timeout(300), ofMs(200), breaker],
    [cutOff(2, 'deadline', 200)],
  ],
  [
    'a breaker between timeouts, of which the outer ends first',
    [timeout(100), breaker, timeout(100)],
    [cut, late(2, 'timeout', 100)],
  ],
  [
    "a breaker inside a timeout, the caller's deadline inside",
    [timeout(100), breaker, 'deadline: {}'],
    [cut],
  ],
  ["a breaker inside the caller's deadline", ['deadline: {}', breaker], [cutOff(1, 'deadline', 1000)]],
  [
    "a breaker and a longer timeout inside the caller's deadline",
    ['deadline: {}', breaker, timeout(1000)],
    [cutOff(1, 'deadline', 1000), late(2, 'deadline', 1000)],
  ],
  ['a breaker outside a retry', [breaker, retry], [requests(0)]],
  ['a breaker between a timeout and a retry', [timeout(100), breaker, retry], [cut, requests(1)]],
  ['a timeout inside a shorter deadline', [ofMs(50), retry, timeout(60)], [late(2, 'deadline', 50)]],
  ['a policy of one class inside one of all', [timeout(100), breakerOf('a')], [cut]],
  [
    'one of all between those of a class',
    [timeout(100), breaker, timeout(200, 'a')],
    [cut, late(2, 'timeout', 100)],
  ],
])('blindPolicies reports %s', (_sentence, policies, expected) => {
  expect(blind(policies)).toEqual(expected);
});

test.each([
  ['the usual order', [ofMs(900), retry, breaker, 'bulkhead: { concurrency: 4 }', timeout(100)]],
  ['a breaker inside a timeout with a shorter one inside', [timeout(100), breaker, timeout(99)]],
  ['a breaker inside a timeout with a shorter deadline inside', [timeout(100), breaker, ofMs(99)]],
  [
    "a breaker in the caller's deadline with a margin",
    ['deadline: {}', breaker, 'deadline: { marginMs: 1 }'],
  ],
  ['a breaker outside a retry that makes none', [breaker, 'retry: { maxRetries: 0 }']],
  ['a breaker of all inside a timeout of one class', [timeout(100, 'a'), breaker]],
  ['a breaker of all outside a retry of one class', [breaker, 'retry: { class: a }']],
  ['a breaker that all but one class see cut off', [timeout(100), breaker, timeout(50, 'a')]],
  ['policies of different classes', [timeout(100, 'a'), breakerOf('b'), 'retry: { class: a }']],
])('blindPolicies does not report %s', (_sentence, policies) => {
  expect(blind(policies)).toEqual([]);
});

test('warningsOf names the positions in the file, in its order', () => {
  const source = experimentText({
    6: `  direct: { path: rpc, policies: [{ ${timeout(120)} }, { ${breaker} }, { ${retry} }] }`,
    7: `  queued: { path: event, policies: [{ ${breaker} }, { ${retry} }] }`,
  });
  const experiment = parseExperiment(source, 'x.yaml');
  expect(warningsOf({ experiment, name: 'x', file: 'x.yaml', source })).toEqual([
    expect.stringMatching(/^x\.yaml:6:63: warning: variants\.direct\.policies\[1\]\.breaker: .* cuts off/),
    expect.stringMatching(/^x\.yaml:6:63: warning: variants\.direct\.policies\[1\]\.breaker: .* requests/),
    expect.stringMatching(/^x\.yaml:7:39: warning: variants\.queued\.policies\[0\]\.breaker: .* requests/),
  ]);
});

test.each([
  ['slowMotion: 4', 1],
  ['slowMotion: auto', 0],
  ['slowMotion: 1', 0],
])(
  'warningsOf with %s gives %d warnings of redeliveries by the server, which slow motion does not slow',
  (field, count) => {
    const queued = '  queued: { path: event, consumer: { redelivery: { by: server } } }';
    const source = experimentText({ 6: '', 7: queued }, field);
    const experiment = parseExperiment(source, 'x.yaml');
    const warnings = warningsOf({ experiment, name: 'x', file: 'x.yaml', source });
    expect(warnings).toHaveLength(count);
    for (const each of warnings)
      expect(each).toMatch(/^x\.yaml:7:\d+: warning: .*redelivery\.by: slow motion/);
  },
);

const folder = fileURLToPath(new URL('../../../../../experiments/', import.meta.url));

test.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s has no blind policy', (name) => {
  expect(warningsOf(readExperiment(folder + name))).toEqual([]);
});
