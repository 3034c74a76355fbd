import { within } from '#kit/schema/problems.ts';
import { isName, nameExpected } from '#kit/schema/schema.ts';
import { requestId, requestIndex } from '#kit/wire.ts';
import { kindOf, type Target } from '#lab/experiment/faults/kinds.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type Fault, type ValidParts, validEntries } from '#lab/experiment/schema.ts';
import { isHop, receiverOf } from '#lab/experiment/topology/hops.ts';
import type { ServiceName } from '#lab/experiment/topology/names.ts';
import { route } from '#lab/experiment/topology/paths.ts';
import {
  isSameTarget,
  namesOf,
  type ProcessCounts,
  partOf,
  roles,
  serviceOf,
} from '#lab/experiment/topology/replicas.ts';
import { durationMs, type Phase } from '#load/phases.ts';
import { longestMs, mostRequests } from './load.ts';

/** Facts about the run that the rules need. */
interface Run {
  /** Faults that come before the checked fault in the file. */
  readonly earlier: readonly Fault[];
  /** Numbers of processes; undefined if they are unknown. */
  readonly counts: ProcessCounts | undefined;
  /** Services and hops that requests pass; undefined if a variant's path is unknown. */
  readonly passed: ReadonlySet<string> | undefined;
  readonly runMs: number;
  /** Time after which no call can be in progress. */
  readonly callsMs: number;
}

/** Returns the name of the field that has a problem, and the message. False or undefined without a problem. */
type Rule = (fault: Fault, run: Run) => [field: string, message: string] | false | undefined;

/** Reports faults that contradict themselves, each other or the rest of the experiment. */
export function faultProblems(experiment: ValidParts): LocatedProblem[] {
  const { load, drainMs, seed } = experiment;
  const faults = validEntries('/faults', experiment.faults);
  const all = faults.map(({ value }) => value);
  const runMs = longestMs(load, drainMs, seed);
  const run = {
    counts: countsIn(experiment),
    passed: passedIn(experiment),
    runMs,
    callsMs: lastCallMs(experiment),
  };
  const most = all.some(({ fault }) => 'ids' in fault) ? mostRequests(experiment) : 0;
  return faults.flatMap(({ pointer, value: fault }, index) => [
    ...rules
      .map((rule) => rule(fault, { ...run, earlier: all.slice(0, index) }) || undefined)
      .filter((found) => found !== undefined)
      .map(([field, message]) => ({ pointer: `${pointer}/${field}`, message })),
    ...within(`${pointer}/fault`, kindOf(fault).problems?.(fault.fault) ?? []),
    ...requestProblems(`${pointer}/fault/ids`, fault, most),
  ]);
}

const rules: readonly Rule[] = [
  ({ name }) => !isName(name) && ['name', `${nameExpected}, got ${JSON.stringify(name)}`],
  ({ name }, { earlier }) =>
    earlier.some((other) => other.name === name) && ['name', `expected a unique name, got "${name}" again`],
  // The target is unknown, or is a hop to several replicas, where a single proxy can't be placed.
  ({ target }, { counts }) => {
    const affected = isHop(target) ? receiverOf(target) : target;
    const part = partOf(serviceOf(affected));
    const expected = part && counts && expectedOf(target, part, counts[part]);
    return expected !== undefined && ['target', `expected ${expected}, got ${target}`];
  },
  // The target is on no path that the requests take, so the fault would affect none.
  ({ target }, { passed = new Set([serviceOf(target)]) }) => {
    const message = `expected a target on the path of the requests, one of ${[...passed].join(', ')}, got ${target}`;
    return !passed.has(serviceOf(target)) && ['target', message];
  },
  ({ atMs }, { callsMs }) => {
    const expected = `expected a time at which calls are under way (less than ${callsMs} ms, load and deadline)`;
    return atMs >= callsMs && ['atMs', `${expected}, got ${atMs} ms`];
  },
  // The fault and its lease would last longer than the run.
  (fault, { runMs }) =>
    endOf(fault) > runMs && [
      'forMs',
      `expected an end within load and drain (${runMs} ms), got ${endOf(fault)} ms`,
    ],
  (fault, { earlier }) => {
    const other = earlier.find((one) => overlap(one, fault) && !bothFit(one, fault));
    const got = `${fault.atMs} to ${endOf(fault)} ms`;
    return (
      other && [
        'atMs',
        `expected ${oneOf(other, fault)} at a time on ${fault.target}, got ${got} beside ${timesOf(other)}`,
      ]
    );
  },
];

/**
 * Returns the targets that are possible instead of `target`, in words. Undefined if `target` is among the `count`
 * processes of the service.
 */
function expectedOf(target: Target, service: ServiceName | 'nats', count: number): string | undefined {
  if (isHop(target)) return count > 1 ? `a hop to one process, of which ${service} has ${count}` : undefined;
  const names = namesOf(service, count);
  const known = service === 'nats' && count > 1 ? [...names, ...roles.map((role) => `nats-${role}`)] : names;
  if (target === service || known.some((name) => name === target)) return undefined;
  return count > 1 ? `${service} or one of ${known.join(', ')}` : `${service}, which is one process`;
}

/** Returns the numbers of processes. Undefined if one of them is invalid. */
function countsIn({ replicas, variants = {} }: ValidParts): ProcessCounts | undefined {
  const brokers = Object.values(variants).flatMap((variant) => (variant?.path === 'rpc' ? [] : [variant]));
  if (!replicas || brokers.includes(undefined)) return undefined;
  return { ...replicas, nats: brokers[0]?.broker.servers ?? 1 };
}

function passedIn({ variants = {} }: ValidParts): Set<string> | undefined {
  const all = Object.values(variants);
  if (all.length === 0 || all.includes(undefined)) return undefined;
  return new Set(all.flatMap((variant) => route[variant!.path]));
}

/** Reports ids of requests that a load of at most `most` requests doesn't have. */
function requestProblems(pointer: string, { fault }: Fault, most: number): LocatedProblem[] {
  const those = most < Infinity ? `r0 to ${requestId(most - 1)}` : 'r0 or a later one';
  return validEntries(pointer, 'ids' in fault ? fault.ids : [])
    .filter(({ value: id }) => requestId(requestIndex(id)) !== id || requestIndex(id) >= most)
    .map(({ pointer, value: id }) => ({
      pointer,
      message: `expected a request of the load, ${those}, got ${JSON.stringify(id)}`,
    }));
}

/**
 * Returns the time after which no call can be in progress. Infinity if it is unknown: with events, which may wait, or
 * with callers in a closed loop.
 */
function lastCallMs({ variants = {}, load, deadlineMs = Infinity }: ValidParts): number {
  const all = Object.values(variants);
  const isOpenLoop = all.every((each) => each?.path === 'rpc' && each.callers === undefined);
  if (!isOpenLoop || all.length === 0 || !load?.every((phase): phase is Phase => phase !== undefined))
    return Infinity;
  return durationMs(load) + deadlineMs;
}

const endOf = ({ atMs, forMs }: Fault): number => atMs + forMs;
const timesOf = (fault: Fault): string => `"${fault.name}", ${fault.atMs} to ${endOf(fault)} ms`;

const overlap = (one: Fault, other: Fault): boolean =>
  isSameTarget(one.target, other.target) && one.atMs < endOf(other) && other.atMs < endOf(one);

/** Describes how many faults are allowed at a time, for two faults that can't be in force together. */
function oneOf(one: Fault, other: Fault): string {
  const kinds = [...new Set([one.fault.kind, other.fault.kind])];
  if (!areShared(one, other)) return 'one fault';
  return kinds.length > 1 ? `either ${kinds.join(' or ')}` : `one ${kinds[0]}`;
}

/** True if both faults can be in force on one target at once. */
const bothFit = (one: Fault, other: Fault): boolean =>
  areShared(one, other) &&
  (one.fault.kind === other.fault.kind ? areApart(one, other) : !hides(one, other) && !hides(other, one));

/** Kinds that decide alone what becomes of an answer, or of bytes. Each hides those before it in its list. */
const decisive = [
  ['malformed', 'reset', 'hang'],
  ['bandwidth', 'blackhole'],
  ['latency', 'blackhole'],
];

/** True if `other` has no effect while `one` is active. */
function hides({ fault: one }: Fault, { fault: other }: Fault): boolean {
  const all = one as Scoped;
  const part = other as Scoped;
  const isLater = decisive.some(
    (kinds) => kinds.indexOf(one.kind) > kinds.indexOf(other.kind) && kinds.includes(other.kind),
  );
  const isWhole = (all.ratio ?? 1) === 1 && (all.toxicity ?? 1) === 1;
  const covers = (own: string | undefined, its: string | undefined) =>
    own === undefined || own === 'both' || own === its;
  return isLater && isWhole && covers(all.class, part.class) && covers(all.stream, part.stream);
}

type Scoped = {
  readonly ratio?: number;
  readonly toxicity?: number;
  readonly class?: string;
  readonly stream?: string;
};

/** True if the faults affect different directions of a hop. */
function areApart(...faults: Fault[]): boolean {
  const streams = faults.map(({ fault }) => ('stream' in fault ? fault.stream : 'both'));
  return !streams.includes('both') && new Set(streams).size === faults.length;
}

const areShared = (...faults: Fault[]): boolean => faults.every((fault) => !kindOf(fault).exclusive);
