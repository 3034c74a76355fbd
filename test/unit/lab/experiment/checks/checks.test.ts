import { expect, test } from 'vitest';
import { crossCheck } from '#lab/experiment/checks/checks.ts';
import { earlyPhases } from '#lab/experiment/checks/load.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { ValidParts } from '#lab/experiment/schema.ts';
import { experimentText as edited, expectRefusal, fault, refusals } from '#test/fixtures/experiment.ts';

const name = 'expected a name of at most 40 small letters, digits and hyphens, with a letter in it';
const beforeExpected = (metric: string) =>
  `expected every fault, and every phase to recover from, to begin later than deadlineMs, since ${metric} is relative to the goodput before`;

const classes = 'classes: { slow: 0.05, quick: 0.9 }';
const classFault = (ofClass: string) =>
  `  - { name: slow, atMs: 0, forMs: 10, target: downstream, fault: { kind: hang, class: ${ofClass} } }`;
const brownout =
  'faults: [{ name: f, atMs: 1, forMs: 9, target: downstream, fault: { kind: ¦brownout, capacityFactor: 0.1 } }]';

test.each(
  refusals(`
# policies that contradict themselves
6|  direct: { path: rpc, policies: [{ breaker: { window: { kind: count, size: 5 }, failures: ¦8 } }] }
! variants.direct.policies[0].breaker.failures: expected a number <= window.size (5), got 8
# a redelivery that contradicts itself
7|  queued: { path: event, consumer: { redelivery: { backoff: { kind: exponential, capMs: ¦10 } } } }
! variants.queued.consumer.redelivery.backoff.capMs: expected a number >= baseMs (20), got 10
# streams on more servers than there are
7|  queued: { path: event, broker: { replicas: ¦3 } }
! variants.queued.broker.replicas: expected a number <= servers (1), got 3
# an even number of servers
7|  queued: { path: event, broker: { servers: ¦2 } }
! variants.queued.broker.servers: unknown value 2, expected one of 1, 3, 5
# variants with different numbers of servers
6|  direct: { path: event, broker: { servers: 3, replicas: 3 } }
7|  queued: { path: event, broker: { servers: ¦5, replicas: 3 } }
! variants.queued.broker.servers: expected 3, since all variants use the same servers, got 5
# seeds beyond the last one
seed: 2147483640
repeat: ¦9
! repeat: expected a last seed (seed + repeat - 1) <= 2147483647, got 2147483648
# a seed without requests among others
4|  ¦- arrivals: { kind: poisson, ratePerSecond: 1, forMs: 1000 }
repeat: 3
! load: expected at least one request, got none with seed 3
# deadlines for which the run does not wait
8|hypothesis: ["goodput(queued, 3s) > 0.9", "goodput(queued, ¦3.001s) < 0.5"]
drainMs: 3000
! hypothesis[1]: expected a deadline <= drainMs (3000), got "3.001s"
# a hypothesis that is none
8|hypothesis: [goodput(queued) ¦=> 0.9]
! hypothesis[0]: expected one of > >= < <= ==, got "=>"
# a hypothesis in quotes
8|hypothesis: ['lost(queued) == 0', 'p99(queued) < ¦5']
! hypothesis[1]: expected a number with ms or s beside p99 (a time), got 5
# a hypothesis over two lines, at its start
8|hypothesis:
8|  - ¦>-
8|    p99(queued)
8|    < 5
! hypothesis[0]: expected a number with ms or s beside p99 (a time), got 5
# windows that are not there, but for that of a fault that is refused for something else
8|hypothesis: ["goodput(queued, after ¦brownout) > 0.9", "p99(queued, phase ¦busy) < 1s", "p99(queued, after crash) < 1s"]
faults:
  - { name: crash, atMs: 0, forMs: ¦-1, target: gateway, fault: { kind: kill } }
! hypothesis[0]: unknown fault brownout, expected one of crash
! hypothesis[1]: unknown phase busy, expected one of 1
! faults[0].forMs: expected a number > 0, got -1
# what is relative to the goodput before a fault that begins within the deadline
8|hypothesis: ["lostGoodput(queued, after ¦first) < 9", "metastable(queued, after ¦first) == 0", "timeToRecover(queued, after first) < 1s"]
faults:
${fault('first', 1000, 100)}
! hypothesis[0]: ${beforeExpected('lostGoodput')}
! hypothesis[1]: ${beforeExpected('metastable')}
# phases of one name, or called by the number of another
4|  - { name: calm, arrivals: &a { kind: constant, ratePerSecond: 10, forMs: 100 } }
4|  - { name: ¦calm, arrivals: *a }
4|  - { name: "4", arrivals: *a }
4|  - ¦arrivals: *a
! load[1].name: expected a unique name, got "calm" again
! load[3].name: expected a unique name, got "4" again
# variants that are not there
8|hypothesis: [goodput(¦queue) > goodput(¦constructor)]
! hypothesis[0]: unknown variant queue, did you mean queued?
! hypothesis[0]: unknown variant constructor, expected one of direct, queued
# hypotheses without quotes, which their commas split
8|hypothesis: [goodput(queued) > 0.9, ¦goodput(queue, 1s, phase 1) > 0.9]
! hypothesis[1]: a comma in [ ] separates items: quote the hypothesis, or write it after "- "
# hypotheses without a parenthesis
8|hypothesis: [goodput(queued ¦> 0.9, goodput(¦queue) > 0.9]
! hypothesis[0]: expected ), got ">"
! hypothesis[1]: unknown variant queue, did you mean queued?
# arrivals that contradict themselves
4|  - arrivals: { kind: bursts, total: 20, size: 10, everyMs: 8, spreadMs: ¦20 }
! load[0].arrivals.spreadMs: expected a number <= everyMs, 8, got 20
# a load of nothing
4|  ¦- arrivals: { kind: constant, ratePerSecond: 0, forMs: 10 }
! load: expected at least one request, got none
# more requests than a load may have, in one burst
4|  - arrivals: { kind: bursts, total: ¦1000001, size: 1000, everyMs: 1, spreadMs: 0 }
! load[0].arrivals.total: expected a number <= 1000000, got 1000001
# more requests than a load may have, in two phases
3|load:
3|  ¦- arrivals: { kind: constant, ratePerSecond: 50000, forMs: 10000 }
4|  - arrivals: { kind: bursts, total: 500001, size: 1000, everyMs: 1, spreadMs: 0 }
! load: expected at most 1000000 requests in all phases
# a redrive after the end
redrives: [{ atMs: 10159 }, { atMs: ¦10160 }]
! redrives[1].atMs: expected a time within load and drain (10160 ms), got 10160 ms
# changes after the end, without sense, and beside a fault that undoes them
6|  direct: { path: rpc, changes: [{ atMs: ¦10160, policies: [{ retry: { backoff: { kind: exponential, baseMs: 5, capMs: ¦1 } } }] }] }
7|  queued: { path: event, changes: [¦{ atMs: 0, consumer: { redelivery: { backoff: { kind: exponential, baseMs: 5, capMs: ¦1 } } } }] }
faults: [{ name: kill, atMs: 0, forMs: 1, target: consumer, fault: { kind: kill } }]
! variants.direct.changes[0].atMs: expected a time within load and drain (10160 ms), got 10160 ms
! variants.direct.changes[0].policies[0].retry.backoff.capMs: expected a number >= baseMs (5), got 1
! variants.queued.changes[0]: expected no fault of consumer beside a change of options, got "kill"
! variants.queued.changes[0].consumer.redelivery.backoff.capMs: expected a number >= baseMs (5), got 1
# a change of nothing
6|  direct: { path: rpc, changes: [¦{ atMs: 5 }] }
! variants.direct.changes[0]: expected a field policies or consumer, which it changes
# redrives without events
7|
8|
redrives: ¦[{ atMs: 0 }]
! redrives: expected a variant of path event, since only events have dead letters
# faults by the same name, and by a bad one
faults:
${fault('one', 0, 1)}
${fault('¦one', 1, 1)}
${fault('¦Two', 2, 1)}
! faults[1].name: expected a unique name, got "one" again
! faults[2].name: ${name}, got "Two"
# limits without a reason
validity: ¦{ unsent: 0 }
! validity: missing required field reason: say why these limits suffice
# a drain shorter than the deadline
drainMs: ¦999
! drainMs: expected a number >= deadlineMs (1000), got 999
# the default drain with a long deadline
2|deadlineMs: ¦10001
! drainMs: expected a number >= deadlineMs (10001), got 10000
# the default warm-up with few connections
connections: ¦100
! warmup.concurrency: expected a number <= connections (100), got 200
# more callers than connections
6|  direct: { path: rpc, callers: ¦201, policies: [] }
connections: 200
! variants.direct.callers: expected a number <= connections (200), got 201
# a class that is no name
classes: { ¦Slow: 0.1 }
! classes.Slow: ${name}
# shares of more than the whole
classes: ¦{ slow: 0.5, quick: 0.6 }
! classes: expected shares of at most 1 together, got 1.1
# a share of nothing
classes: { slow: ¦0 }
! classes.slow: expected a number > 0, got 0
# a fault for a class that there is not
${classes}
faults:
${classFault('¦slwo')}
! faults[0].fault.class: unknown class slwo, did you mean slow?
# a fault for a class where there are none
faults:
${classFault('¦slow')}
! faults[0].fault.class: unknown class slow, the experiment has no classes
# policies for a class that there is not, on both paths
6|  direct: { path: rpc, policies: [{ timeout: { ms: 5 } }, { bulkhead: { concurrency: 4, class: ¦quik } }] }
7|  queued: { path: event, policies: [{ retry: { budget: { kind: aws }, class: ¦other } }] }
${classes}
! variants.direct.policies[1].bulkhead.class: unknown class quik, did you mean quick?
! variants.queued.policies[0].retry.class: unknown class other, expected one of slow, quick
# a hypothesis about a class that there is not
8|hypothesis: ["goodput(direct, class ¦slo) > 0.5"]
${classes}
! hypothesis[0]: unknown class slo, did you mean slow?
# work that is served in its turn, and taken back
downstream: { model: { kind: queue }, abandonOnAbort: ¦true, deadlines: ¦stop }
! downstream.abandonOnAbort: expected false with the model queue, which completes all accepted work, got true
! downstream.deadlines: expected ignore with the model queue, which completes all accepted work, got stop
# the same in a variant
6|  direct: { path: rpc, downstream: { model: { kind: queue }, deadlines: ¦refuse } }
! variants.direct.downstream.deadlines: expected ignore with the model queue, which completes all accepted work, got refuse
# a brownout of what knows no congestion
downstream: { model: { kind: fixed } }
${brownout}
! faults[0].fault.kind: expected a downstream with the model congestion, got fixed, which has no capacity to lose
`),
)('crossCheck refuses %s', (_what, ...refused) => expectRefusal(...refused));

test.each(
  refusals(`
# a fault on what no variant uses
faults:
${fault('one', 0, 50, 'consumer')}
# limits with a reason
validity: { unsent: 1, reason: a test }
# a drain as long as the deadline
drainMs: 1000
# as many connections as the warm-up uses
connections: 200
`),
)('crossCheck takes %s', (_what, ...taken) => expectRefusal(...taken));

test('crossCheck has nothing to say about what is not there', () => {
  const experiment = parseExperiment(edited(), 'x.yaml');
  const named = { variants: Object.keys(experiment.variants), faults: [] };
  expect(crossCheck(experiment, named)).toEqual([]);
  expect(crossCheck({}, { variants: [], faults: [] })).toEqual([]);
});

const phase = (name: string, arrivals: object = { kind: 'constant', ratePerSecond: 10, forMs: 1000 }) => ({
  name,
  arrivals,
});

test('earlyPhases are those that begin until the deadline', () => {
  const load = ['first', 'second', 'third'].map((name) => phase(name));
  expect(earlyPhases({ load, deadlineMs: 1000 } as ValidParts)).toEqual(['first', 'second']);
});

test.each([
  ['no load', undefined],
  ['a phase that is not known', [phase('first'), undefined]],
])('earlyPhases of %s are none', (_what, load) => {
  expect(earlyPhases({ load, deadlineMs: 1000 } as ValidParts)).toEqual([]);
});
