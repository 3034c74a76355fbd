import { expect, test } from 'vitest';
import { check, onOneLine } from '#lab/experiment/check.ts';
import { metricNames } from '#lab/experiment/metrics/catalogue.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { Experiment } from '#lab/experiment/schema.ts';
import { Arrivals } from '#load/arrivals/kinds.ts';
import { Pipeline } from '#policies/pipeline.ts';
import { expectRefusal, experimentText, fault, refusals } from '#test/fixtures/experiment.ts';

const top = Object.keys(Experiment.properties).join(', ');
const fields = 'expected fields: title, deadlineMs, load, variants …';
const name = 'expected a name of at most 40 small letters, digits and hyphens, with a letter in it';
const rpcFields = Object.keys(
  asWritten(Experiment).properties.variants.additionalProperties.oneOf[0].properties,
).join(', ');
const policies = Object.keys(asWritten(Pipeline).items.properties).join(', ');
const kinds = kindsOf(Arrivals);
const bursts = (rest: string) => `  - arrivals: { kind: bursts, total: 10, size: 10, everyMs: 10, ${rest} }`;

test.each<[string, string, string[]]>([
  ['an empty file', '¦', [`${fields}, got nothing`]],
  ['a list', '\n¦- a\n', [`${fields}, got a list`]],
  ['a word', '¦title', [`${fields}, got a string`]],
  ...refusals(`
# a missing field
1|# none
2|¦deadlineMs: 1
! missing required field title
# a missing field inside
4|  - ¦name: x
! load[0]: missing required field arrivals
# an invalid name, and does not propose it
7|  ¦Queued_Up: { path: event }
8|hypothesis: [ok(¦queued-up) > 1, ok(Queued_Up) > 1]
! variants.Queued_Up: ${name}
! hypothesis[0]: unknown variant queued-up, expected one of direct
# an unknown field
¦zzz: 1
! zzz: unknown field, expected one of ${top}
# a misspelt field that is missing
2|¦deadlinMs: 2000
! deadlinMs: unknown field, did you mean deadlineMs?
# a misspelt field inside
warmup:
  ¦requsts: 5
! warmup.requsts: unknown field, did you mean requests?
# a misspelt option, without faults that need it
7|  queued: { path: event, ¦brokex: { servers: 3 } }
faults:
${fault('crash', 0, 1, 'nats-leader')}
! variants.queued.brokex: unknown field, did you mean broker?
# a misspelt reason, without limits that need one
validity: { lagP99Ms: 5, ¦reasox: slow machine }
! validity.reasox: unknown field, did you mean reason?
# a field of the other path
6|  direct: { path: rpc, ¦stream: {} }
! variants.direct.stream: unknown field, expected one of ${rpcFields}
# missing variants, without the hypotheses that name one
1|¦title: x
5|
6|
7|
8|hypothesis: [ok(direct) > 1]
! missing required field variants
# a request that can't be sent
6|  direct: { path: rpc, request: { path: ¦orders } }
request:
  headers: { host: ¦x, authorization: ¦Bearer abc }
! variants.direct.request.path: expected a path that begins with / and has only visible ASCII characters without #; write others as in %20
! request.headers.host: expected no host: it is set by the URL
! request.headers.authorization: expected the secret from the environment, as in {env:NAME}, since this file becomes part of the report
# an invalid variant, without what may be right on its path
7|  queued: { path: event, callers: ¦x }
redrives: [{ atMs: 1 }]
faults:
${fault('crash', 0, 1, 'consumer')}
! variants.queued.callers: expected a whole number, got "x"
# a wrong type
2|deadlineMs: ¦soon
! deadlineMs: expected a number of milliseconds, got "soon"
# an empty value
2|deadlineMs:¦
! deadlineMs: expected a number of milliseconds, got null
# a number out of range
2|deadlineMs: ¦0
! deadlineMs: expected a number > 0, got 0
# a misspelt kind
4|  - arrivals: { kind: ¦burst, total: 10, size: 10, everyMs: 0, spreadMs: 0 }
! load[0].arrivals.kind: unknown kind "burst", did you mean bursts?
# an unknown kind
4|  - arrivals: { kind: ¦steady }
! load[0].arrivals.kind: unknown kind "steady", expected one of ${kinds}
# a variant without a path
7|  queued: ¦{}
! variants.queued: missing required field path, expected one of rpc, event
# a misspelt path
7|  queued: { ¦paht: event }
! variants.queued.paht: unknown field, did you mean path?
# a misspelt policy
6|  direct: { path: rpc, policies: [{ ¦timout: { ms: 120 } }] }
! variants.direct.policies[0].timout: unknown field, did you mean timeout?
# two policies in one
6|  direct: { path: rpc, policies: [¦{ retry: {}, timeout: { ms: 1 } }] }
! variants.direct.policies[0]: expected exactly one of ${policies}, got ["retry","timeout"]
# a misspelt target and fault
faults:
  - { name: a, atMs: 0, forMs: 1, target: ¦gatewy, fault: { kind: kill } }
  - { name: b, atMs: 0, forMs: 1, target: gateway, fault: { kind: ¦kil } }
! faults[0].target: unknown target "gatewy", did you mean gateway?
! faults[1].fault.kind: unknown kind "kil", did you mean kill?
# a fault that its target does not know
faults:
  - { name: a, atMs: 0, forMs: 1, target: gateway, fault: { kind: ¦hang } }
! faults[0].fault.kind: unknown kind "hang", expected one of kill, stop, pause
# a fault that a hop does not know, and a hop that there is not
faults:
  - { name: a, atMs: 0, forMs: 1, target: gateway->downstream, fault: { kind: ¦brownout } }
  - { name: b, atMs: 0, forMs: 1, target: ¦gateway->downstraem, fault: { kind: down } }
! faults[0].fault.kind: unknown kind "brownout", expected one of latency, bandwidth, blackhole, reset, down
! faults[1].target: unknown target "gateway->downstraem", did you mean gateway->downstream?
# a fault of a hop without what it needs
faults:
  - { name: a, atMs: 0, forMs: 1, target: load->gateway, fault: ¦{ kind: latency, stream: ¦up } }
! faults[0].fault: missing required field latencyMs
! faults[0].fault.stream: unknown value "up", expected one of upstream, downstream, both
# a fault without a target
faults:
  - ¦¦{ name: a, atMs: 0, fault: { kind: kill } }
! faults[0]: missing required field forMs
! faults[0]: missing required field target, expected one of gateway, publisher, consumer, nats, nats-leader, nats-minority, nats-majority, downstream, load->gateway, load->publisher, gateway->downstream, publisher->nats, consumer->nats, consumer->downstream
# no variant
5|variants: ¦{}
6|
7|
! variants: expected 1 to 40 variants, got 0
# too many variants
6|  ¦v: { path: rpc }
${Array.from({ length: 39 }, (_, i) => `6|  v${i}: { path: rpc }`).join('\n')}
! variants: expected 1 to 40 variants, got 41
# a line break in a name
7|  ¦"a\\nb": { path: ¦rpx }
! variants."a\\nb": ${name}
! variants."a\\nb".path: unknown path "rpx", did you mean rpc?
# line breaks in names of classes
classes: { "a\\nb": ¦2 }
! classes."a\\nb": expected a number <= 1, got 2
# valid parts beside invalid ones, in the order of the file
1|title: ¦5
6|  direct: { path: ¦rpx }
7|  queued: { path: event, policies: [{ breaker: ¦{ window: { kind: count } } }] }
8|hypothesis: [goodput(direct) > 2 * p99(¦queud)]
drainMs: ¦1
validity: ¦{ unsent: 1 }
! title: expected a text, got 5
! variants.direct.path: unknown path "rpx", did you mean rpc?
! variants.queued.policies[0].breaker: expected one of the fields failures, failureRatio or slowRatio: without one the breaker never opens
! hypothesis[0]: unknown variant queud, did you mean queued?
! drainMs: expected a number >= deadlineMs (1000), got 1
! validity: missing required field reason: say why these limits suffice
# contradictions beside schema errors of the same list, and says nothing about the defaults
4|${bursts('spreadMs: ¦20')}
4|${bursts('spreadMs: ¦30')}
4|${bursts('spreadMs: ¦a')}
8|hypothesis: [¦5, ¦speed(direct) > 1]
validity: { reason: ¦"", lagP99Ms: 5 }
warmup: { requests: ¦0, concurrency: 10 }
connections: 100
faults:
${fault('¦5', 0, 90_000, 'consumer')}
${fault('¦A', 0, 90_000, 'consumer')}
! load[0].arrivals.spreadMs: expected a number <= everyMs, 10, got 20
! load[1].arrivals.spreadMs: expected a number <= everyMs, 10, got 30
! load[2].arrivals.spreadMs: expected a number of milliseconds, got "a"
! hypothesis[0]: expected a text, got 5
! hypothesis[1]: unknown metric speed, expected one of ${metricNames.join(', ')}
! validity.reason: expected a text of length >= 1, got 0
! warmup.requests: expected a number >= 1, got 0
! faults[0].name: expected a text, got 5
! faults[1].name: ${name}, got "A"
# a title of white space
1|title: ¦"\\n "
! title: expected a text of length >= 1, got 0
`),
])('check refuses %s', (_what, ...refused) => expectRefusal(...refused));

test.each([
  ['load', 'laod'],
  ['variants', 'variant'],
  ['faults', 'fault'],
  ['classes', 'clases'],
])('check reports a misspelt %s alone, without what refers to it', (field, misspelt) => {
  const text = experimentText(
    {
      4: '  - { name: base, arrivals: { kind: constant, ratePerSecond: 1, forMs: 9000 } }',
      8: 'hypothesis: ["ok(direct, phase base) > 0", "ok(queued, after crash) > 0"]',
    },
    ...['steadyState: [goodput > 0]', 'faults:', fault('crash', 2000, 10), 'classes: { slow: 0.5 }'],
  );
  expectRefusal(text, []);
  expectRefusal(text.replace(new RegExp(`^${field}:`, 'm'), `¦${misspelt}:`), [
    `${misspelt}: unknown field, did you mean ${field}?`,
  ]);
});

test('check does not change the value', () => {
  const value = { title: 'x', deadlineMs: 1, load: [], variants: { a: { path: 'rpc' }, B: {} } };
  const before = structuredClone(value);
  expect(check(value)).toHaveLength(3);
  expect(value).toEqual(before);
});

/** Returns a schema as plain JSON, without TypeBox's symbols. */
function asWritten(schema: object) {
  return JSON.parse(JSON.stringify(schema));
}

function kindsOf(schema: object): string {
  const members: { properties: { kind: { const: string } } }[] = asWritten(schema).oneOf;
  return members.map(({ properties }) => properties.kind.const).join(', ');
}

test('onOneLine collapses white space with a line break in every text but the description', () => {
  const text = experimentText(
    {
      1: 'title: "Two\\n  lines"',
      7: '  queued: { path: event, description: "a\\tb\\u0085c" }',
      8: 'hypothesis:\n  - >\n    goodput(queued) >=\n      goodput(direct)\n  - "goodput(queued)  > 0"',
    },
    'steadyState: ["goodput >\\n 95%"]',
    'faults:',
    fault('crash', 9000, 10),
    'description: "a\\nb"',
  );
  const { title, hypothesis, steadyState, variants, description } = parseExperiment(text, 'x.yaml');
  expect({ title, hypothesis, steadyState, description }).toEqual({
    title: 'Two lines',
    hypothesis: ['goodput(queued) >= goodput(direct)', 'goodput(queued)  > 0'],
    steadyState: ['goodput > 95%'],
    description: 'a\nb',
  });
  expect(variants.queued?.description).toBe('a b c');
});

test('onOneLine leaves alone the bodies of requests', () => {
  const body = '{\n  "a":  1\n}\n';
  const own = { path: '/a', body };
  const value = { title: 'x', request: own, variants: { body: { request: own, description: 'a\nb' } } };
  const variants = { body: { request: own, description: 'a b' } };
  expect(onOneLine(value)).toEqual({ ...value, variants });
});

test('onOneLine leaves alone other values, and the description', () => {
  const value = { title: 1, hypothesis: 'a', description: 'a\nb', steadyState: [2, null], variants: [{}] };
  expect(onOneLine(value)).toEqual(value);
});
