import { within } from '#kit/schema/problems.ts';
import { isName, nameExpected } from '#kit/schema/schema.ts';
import { requestId, requestIndex } from '#kit/wire.ts';
import { kindOf, type Target } from '#lab/experiment/faults/kinds.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type Fault, type ValidParts, validEntries } from '#lab/experiment/schema.ts';
import { isHop, receiverOf } from '#lab/kit/topology/hops.ts';
import { route } from '#lab/kit/topology/paths.ts';
import {
  isSameTarget,
  namesOf,
  type ProcessCounts,
  partOf,
  roles,
  serviceOf,
} from '#lab/kit/topology/replicas.ts';
import { durationMs, type Phase } from '#load/phases.ts';
import { longestMs, mostRequests } from './load.ts';

/** Reports faults that contradict themselves, each other or the rest of the experiment. */
export function* faultProblems(experiment: ValidParts): Generator<LocatedProblem> {
  const { load, drainMs, seed } = experiment;
  const faults = validEntries('/faults', experiment.faults);
  const runMs = longestMs(load, drainMs, seed);
  const callsMs = lastCallMs(experiment);
  const [counts, passed] = [countsIn(experiment), passedIn(experiment)];
  const most = faults.some(({ value }) => 'ids' in value.fault) ? mostRequests(experiment) : 0;
  for (const [index, { pointer, value: fault }] of faults.entries()) {
    const { name, target, atMs } = fault;
    const earlier = faults.slice(0, index).map(({ value }) => value);
    const problem = (field: string, message: string) => ({ pointer: `${pointer}/${field}`, message });
    if (!isName(name)) yield problem('name', `${nameExpected}, got ${JSON.stringify(name)}`);
    if (earlier.some((other) => other.name === name))
      yield problem('name', `expected a unique name, got "${name}" again`);
    const targets = counts && expectedFor(target, counts);
    if (targets !== undefined) yield problem('target', `expected ${targets}, got ${target}`);
    // A fault beside the path of the requests would affect none.
    if (passed && !passed.has(serviceOf(target))) {
      const expected = `expected a target on the path of the requests, one of ${[...passed].join(', ')}`;
      yield problem('target', `${expected}, got ${target}`);
    }
    if (atMs >= callsMs) {
      const expected = `expected a time at which calls are under way (less than ${callsMs} ms, load and deadline)`;
      yield problem('atMs', `${expected}, got ${atMs} ms`);
    }
    // The fault and its lease would last longer than the run.
    if (endOf(fault) > runMs)
      yield problem('forMs', `expected an end within load and drain (${runMs} ms), got ${endOf(fault)} ms`);
    const other = earlier.find((one) => overlap(one, fault) && !bothFit(one, fault));
    if (other) {
      const got = `${atMs} to ${endOf(fault)} ms beside ${timesOf(other)}`;
      yield problem('atMs', `expected ${oneOf(other, fault)} at a time on ${target}, got ${got}`);
    }
    yield* within(`${pointer}/fault`, kindOf(fault).problems?.(fault.fault) ?? []);
    yield* requestProblems(`${pointer}/fault/ids`, fault, most);
  }
}

/**
 * Returns the targets that are possible instead of `target`, in words. Undefined if there is such a process, or a hop to a
 * single one: a proxy can't stand before several.
 */
function expectedFor(target: Target, counts: ProcessCounts): string | undefined {
  const service = partOf(serviceOf(isHop(target) ? receiverOf(target) : target));
  if (!service) return undefined;
  const count = counts[service];
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

type Scoped = Partial<Record<'ratio' | 'toxicity', number> & Record<'class' | 'stream', string>>;

/** True if the faults affect different directions of a hop. */
function areApart(...faults: Fault[]): boolean {
  const streams = faults.map(({ fault }) => ('stream' in fault ? fault.stream : 'both'));
  return !streams.includes('both') && new Set(streams).size === faults.length;
}

const areShared = (...faults: Fault[]): boolean => faults.every((fault) => !kindOf(fault).exclusive);
