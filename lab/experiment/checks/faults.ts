import { within } from '#kit/schema/problems.ts';
import { isName, nameExpected } from '#kit/schema/schema.ts';
import { requestId, requestIndex } from '#kit/wire.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type Fault, type ValidParts, validEntries } from '#lab/experiment/schema.ts';
import { kindOf, type Target } from '#lab/faults/kinds.ts';
import { isHop, receiverOf } from '#lab/topology/hops.ts';
import { type ServiceName, serviceNames } from '#lab/topology/names.ts';
import { route } from '#lab/topology/paths.ts';
import { alone, isSameTarget, namesOf, processesOf, serviceOf } from '#lab/topology/replicas.ts';
import { durationMs, type Phase } from '#load/phases.ts';
import { longestMs, mostRequests } from './load.ts';

type Check = (experiment: ValidParts) => Iterable<LocatedProblem>;

const validFaults = ({ faults }: ValidParts) => validEntries('/faults', faults);

const names: Check = function* (experiment) {
  const seen = new Set<string>();
  for (const { pointer, value } of validFaults(experiment)) {
    const { name } = value;
    const at = `${pointer}/name`;
    if (!isName(name)) yield { pointer: at, message: `${nameExpected}, got ${JSON.stringify(name)}` };
    else if (seen.has(name)) yield { pointer: at, message: `expected a unique name, got "${name}" again` };
    seen.add(name);
  }
};

/** Reports unknown targets, and hops to several replicas, where a single proxy can't be placed. */
const targets: Check = function* (experiment) {
  const { replicas } = experiment;
  if (!replicas) return;
  for (const { pointer, value } of validFaults(experiment)) {
    const { target } = value;
    const affected = isHop(target) ? receiverOf(target) : target;
    const service = serviceNames.find((name) => name === serviceOf(affected));
    const expected = service && expectedOf(target, service, replicas[service]);
    if (expected) yield { pointer: `${pointer}/target`, message: `expected ${expected}, got ${target}` };
  }
};

/** Returns what a fault could target instead of `target`, if that does not exist among `count` processes. */
function expectedOf(target: Target, service: ServiceName, count: number): string | undefined {
  if (isHop(target)) return count > 1 ? `a hop to one process, of which ${service} has ${count}` : undefined;
  const names = namesOf(service, count);
  if (target === service || names.some((name) => name === target)) return undefined;
  return count > 1 ? `${service} or one of ${names.join(', ')}` : `${service}, which is one process`;
}

/** Reports targets that no variant's requests pass: the fault would affect none. */
const paths: Check = function* (experiment) {
  const variants = Object.values(experiment.variants ?? {});
  if (variants.length === 0 || variants.includes(undefined)) return;
  const passed = new Set(variants.flatMap((variant) => route[variant!.path]));
  for (const { pointer, value } of validFaults(experiment))
    if (!passed.has(serviceOf(value.target)))
      yield {
        pointer: `${pointer}/target`,
        message: `expected a target on the path of the requests, one of ${[...passed].join(', ')}, got ${value.target}`,
      };
};

const contradictions: Check = function* (experiment) {
  for (const { pointer, value } of validFaults(experiment))
    yield* within(`${pointer}/fault`, kindOf(value).problems?.(value.fault) ?? []);
};

/** Reports chosen requests that the load does not have. */
const requests: Check = function* (experiment) {
  const chosen = validFaults(experiment).flatMap(({ pointer, value: { fault } }) =>
    'ids' in fault ? validEntries(`${pointer}/fault/ids`, fault.ids) : [],
  );
  if (chosen.length === 0) return;
  const most = mostRequests(experiment);
  const those = most < Infinity ? `r0 to ${requestId(most - 1)}` : 'r0 or a later one';
  for (const { pointer, value: id } of chosen)
    if (requestId(requestIndex(id)) !== id || requestIndex(id) >= most)
      yield { pointer, message: `expected a request of the load, ${those}, got ${JSON.stringify(id)}` };
};

/** Reports faults that outlast the run, as their leases would, or that can't be in force at once. */
const times: Check = function* (experiment) {
  const { load: phases, drainMs, seed } = experiment;
  const runMs = longestMs(phases, drainMs, seed);
  const callsMs = lastCallMs(experiment);
  const earlier: Fault[] = [];
  for (const { pointer, value: fault } of validFaults(experiment)) {
    const { target, atMs } = fault;
    const endMs = endOf(fault);
    if (atMs >= callsMs)
      yield {
        pointer: `${pointer}/atMs`,
        message: `expected a time at which calls are under way (less than ${callsMs} ms, load and deadline), got ${atMs} ms`,
      };
    if (endMs > runMs)
      yield {
        pointer: `${pointer}/forMs`,
        message: `expected an end within load and drain (${runMs} ms), got ${endMs} ms`,
      };
    const other = earlier.find((one) => overlap(one, fault) && !bothFit(one, fault));
    if (other)
      yield {
        pointer: `${pointer}/atMs`,
        message: `expected ${oneOf(other, fault)} at a time on ${target}, got ${atMs} to ${endMs} ms beside ${timesOf(other)}`,
      };
    earlier.push(fault);
  }
};

/** Returns the time after which no call is under way; Infinity with events, which may wait, and with callers who wait. */
function lastCallMs({ variants = {}, load, deadlineMs = Infinity }: ValidParts): number {
  const all = Object.values(variants);
  const isOpenLoop = all.every((each) => each?.path === 'rpc' && each.callers === undefined);
  if (!isOpenLoop || all.length === 0 || !load?.every((phase): phase is Phase => phase !== undefined))
    return Infinity;
  return durationMs(load) + deadlineMs;
}

/** Reports faults that can't be seen to end, since another fault cuts off what that takes. */
const needs: Check = function* (experiment) {
  const { replicas = alone } = experiment;
  const all = validFaults(experiment);
  for (const { pointer, value: fault } of all) {
    const { needs = [] } = kindOf(fault);
    const endMs = endOf(fault);
    const severed = all
      .map(({ value }) => value)
      .filter((other) => severs(other) && other.atMs <= endMs && endMs < endOf(other));
    const severing = (process: string) => severed.find((other) => isSameTarget(other.target, process));
    const away = needs
      .map((need) => processesOf(need, replicas).map(severing))
      .find((found) => found.every((one) => one))?.[0];
    if (away)
      yield {
        pointer: `${pointer}/forMs`,
        message: `expected an end while ${needs.join(' and ')} are reachable, got ${endMs} ms, within ${timesOf(away)}`,
      };
  }
};

export const faultChecks: readonly Check[] = [names, targets, paths, contradictions, requests, times, needs];

const endOf = ({ atMs, forMs }: Fault): number => atMs + forMs;
const timesOf = (fault: Fault): string => `"${fault.name}", ${fault.atMs} to ${endOf(fault)} ms`;

/** True if a fault cuts its target off. */
const severs = (fault: Fault): boolean =>
  !isHop(fault.target) || (kindOf(fault).stops?.(fault.fault) ?? false);

const overlap = (one: Fault, other: Fault): boolean =>
  isSameTarget(one.target, other.target) && one.atMs < endOf(other) && other.atMs < endOf(one);

/** True if both faults can be in force on one target at once. */
const bothFit = (one: Fault, other: Fault): boolean =>
  areShared(one, other) &&
  (one.fault.kind === other.fault.kind ? areApart(one, other) : !masks(one, other) && !masks(other, one));

const masks = (one: Fault, other: Fault): boolean => kindOf(one).masks?.(one.fault, other.fault) ?? false;

/** Describes which of two faults that do not fit may be in force. */
function oneOf(one: Fault, other: Fault): string {
  const kinds = [...new Set([one.fault.kind, other.fault.kind])];
  if (!areShared(one, other)) return 'one fault';
  return kinds.length > 1 ? `either ${kinds.join(' or ')}` : `one ${kinds[0]}`;
}

/** True if the faults affect different directions of a hop. */
function areApart(...faults: Fault[]): boolean {
  const streams = faults.map(({ fault }) => ('stream' in fault ? fault.stream : 'both'));
  return !streams.includes('both') && new Set(streams).size === faults.length;
}

const areShared = (...faults: Fault[]): boolean => faults.every((fault) => !kindOf(fault).exclusive);
