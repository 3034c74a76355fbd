import { contradictions, type DownstreamConfig } from '#downstream/config.ts';
import { nearestOrAll } from '#kit/schema/nearest.ts';
import { escapePointer, within } from '#kit/schema/problems.ts';
import { isName, nameExpected, seedMax } from '#kit/schema/schema.ts';
import { optionsOverTime } from '#lab/experiment/changes.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { requestsIn } from '#lab/experiment/request.ts';
import { seedsOf, type ValidParts, validEntries } from '#lab/experiment/schema.ts';
import { requestProblems } from '#load/sending/own-request.ts';
import { backoffProblems } from '#policies/backoff.ts';
import { classesOf, problems as pipelineProblems } from '#policies/pipeline.ts';
import { clients } from './clients.ts';
import { faultProblems } from './faults.ts';
import { type GivenNames, hypotheses, steadyState } from './hypotheses.ts';
import { load, longestMs, phases } from './load.ts';

type Check = (experiment: ValidParts, named: GivenNames) => Iterable<LocatedProblem>;

const beyond = (pointer: string, got: number, bound: string, elsewhere: string): LocatedProblem => ({
  ...{ pointer, elsewhere },
  message: `expected ${bound}, got ${got}`,
});

const late = (pointer: string, atMs: number, runMs: number): LocatedProblem[] =>
  atMs < runMs
    ? []
    : [{ pointer, message: `expected a time within load and drain (${runMs} ms), got ${atMs} ms` }];

/** Reports names that are invalid. The schema doesn't check them. */
const nameProblems = (pointer: string, names: readonly string[]): LocatedProblem[] =>
  names
    .filter((name) => !isName(name))
    .map((name) => ({ pointer: `${pointer}/${escapePointer(name)}`, message: nameExpected, onKey: true }));

const atMost = (connections: number) => `a number <= connections (${connections})`;

const times: Check = function* ({ deadlineMs = 0, drainMs, warmup, connections = Infinity }) {
  if (drainMs !== undefined && drainMs < deadlineMs)
    yield beyond('/drainMs', drainMs, `a number >= deadlineMs (${deadlineMs})`, '/deadlineMs');
  if (warmup && warmup.concurrency > connections)
    yield beyond('/warmup/concurrency', warmup.concurrency, atMost(connections), '/connections');
};

const seeds: Check = function* (experiment) {
  const last = seedsOf(experiment).at(-1)!;
  const bound = `a last seed (seed + repeat - 1) <= ${seedMax}`;
  if (last > seedMax) yield beyond('/repeat', last, bound, '/seed');
};

const variantsMax = 40;

/** Reports invalid names of variants, and too many or none. The schema doesn't check them. */
export function* variantNameProblems(names: readonly string[]): Iterable<LocatedProblem> {
  yield* nameProblems('/variants', names);
  const { length } = names;
  if (length < 1 || length > variantsMax)
    yield { pointer: '/variants', message: `expected 1 to ${variantsMax} variants, got ${length}` };
}

const variants: Check = function* ({ variants, connections = Infinity }) {
  if (!variants) return; // the schema reports it
  for (const { pointer, value: variant } of validEntries('/variants', variants)) {
    const { callers = 0 } = variant;
    const later = optionsOverTime(variant, pointer);
    for (const each of later) yield* pipelineProblems(each.policies, `${each.pointer}/policies`);
    if (callers > connections)
      yield beyond(`${pointer}/callers`, callers, atMost(connections), '/connections');
    for (const each of later)
      if (each.consumer)
        yield* within(
          `${each.pointer}/consumer/redelivery/backoff`,
          backoffProblems(each.consumer.redelivery.backoff),
        );
  }
};

const brokers: Check = function* ({ variants }) {
  const all = validEntries('/variants', variants).flatMap(({ pointer, value }) =>
    value.path === 'event' ? [{ pointer: `${pointer}/broker`, broker: value.broker }] : [],
  );
  for (const { pointer, broker } of all) {
    const { servers, replicas } = broker;
    if (replicas > servers)
      yield beyond(`${pointer}/replicas`, replicas, `a number <= servers (${servers})`, `${pointer}/servers`);
    const [first] = all;
    const common = `${first!.broker.servers}, since all variants use the same servers`;
    if (servers !== first!.broker.servers)
      yield beyond(`${pointer}/servers`, servers, common, `${first!.pointer}/servers`);
  }
};

const classes: Check = function* ({ classes, faults, variants }) {
  if (!classes) return; // the schema reports it
  const names = Object.keys(classes);
  yield* nameProblems('/classes', names);
  const sum = Object.values(classes).reduce((a, b) => a + b, 0);
  if (sum > 1 + rounding)
    yield { pointer: '/classes', message: `expected shares of at most 1 together, got ${sum}` };
  const meant = [
    ...validEntries('/faults', faults).flatMap(({ pointer, value: { fault } }) =>
      'class' in fault && fault.class !== undefined
        ? [{ pointer: `${pointer}/fault/class`, name: fault.class }]
        : [],
    ),
    ...validEntries('/variants', variants).flatMap(({ pointer, value }) =>
      optionsOverTime(value, pointer).flatMap((each) =>
        within(`${each.pointer}/policies`, classesOf(each.policies)),
      ),
    ),
  ];
  for (const { pointer, name } of meant)
    if (!names.includes(name)) {
      const hint = names.length > 0 ? nearestOrAll(name, names) : 'the experiment has no classes';
      yield { pointer, message: `unknown class ${name}, ${hint}` };
    }
};

const rounding = 1e-9;

const dependencies: Check = function* ({ downstream, variants, faults }) {
  const all = [{ pointer: '', value: { downstream } }, ...validEntries('/variants', variants)].flatMap(
    ({ pointer, value }) =>
      value.downstream
        ? [{ pointer: `${pointer}/downstream`, config: value.downstream as DownstreamConfig }]
        : [],
  );
  for (const { pointer, config } of all) yield* within(pointer, contradictions(config));
  const other = all.find(({ config }) => config.model.kind !== 'congestion');
  for (const { pointer, value } of validEntries('/faults', faults))
    if (other && value.fault.kind === 'brownout')
      yield {
        pointer: `${pointer}/fault/kind`,
        elsewhere: `${other.pointer}/model`,
        message: `expected a downstream with the model congestion, got ${other.config.model.kind}, which has no capacity to lose`,
      };
};

const requests: Check = function* (experiment) {
  for (const { pointer, request } of requestsIn(experiment)) yield* within(pointer, requestProblems(request));
};

/** Reports changes that come too late, and those that a fault may refuse or, by a restart, undo. */
const changes: Check = function* ({ variants, faults = [], load: phases, drainMs, seed }) {
  const runMs = longestMs(phases, drainMs, seed);
  for (const { pointer, value } of validEntries('/variants', variants))
    for (const { pointer: at, value: change } of validEntries(`${pointer}/changes`, value.changes)) {
      const needed = value.path === 'rpc' ? /^gateway(?!->)/ : /^(consumer(?!->downstream)|nats)/;
      const fault = faults.find((each) => each && needed.test(each.target));
      if (!change.policies && !('consumer' in change))
        yield { pointer: at, message: 'expected a field policies or consumer, which it changes' };
      yield* late(`${at}/atMs`, change.atMs, runMs);
      if (fault)
        yield {
          pointer: at,
          message: `expected no fault of ${fault.target} beside a change of options, got "${fault.name}"`,
        };
    }
};

const redrives: Check = function* ({ redrives = [], variants = {}, load: phases, drainMs, seed }) {
  const paths = Object.values(variants).map((variant) => variant?.path);
  if (redrives.length > 0 && !paths.includes('event') && !paths.includes(undefined))
    yield {
      pointer: '/redrives',
      message: 'expected a variant of path event, since only events have dead letters',
    };
  const runMs = longestMs(phases, drainMs, seed);
  for (const { pointer, value } of validEntries('/redrives', redrives))
    yield* late(`${pointer}/atMs`, value.atMs, runMs);
};

const validity: Check = function* ({ validity: { reason, ...limits } = {} }) {
  if (reason === undefined && Object.keys(limits).length > 0)
    yield { pointer: '/validity', message: 'missing required field reason: say why these limits suffice' };
};

const checks: readonly Check[] = [
  ...[times, seeds, load, phases, classes, requests, variants, clients, brokers, dependencies],
  ...[faultProblems, changes, redrives, validity, steadyState, hypotheses],
];

/** Reports what the schema can't express: contradictions between fields, and names of what is missing. */
export const crossCheck = (experiment: ValidParts, named: GivenNames): LocatedProblem[] =>
  checks.flatMap((check) => [...check(experiment, named)]);
