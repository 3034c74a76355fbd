import { within } from '#kit/schema/problems.ts';
import { requestId, requestIndex } from '#kit/wire.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Fault, ValidParts } from '#lab/experiment/schema.ts';
import { kindOf, type Target } from '#lab/faults/kinds.ts';
import { isHop, receiverOf } from '#lab/topology/hops.ts';
import { type ServiceName, serviceNames } from '#lab/topology/names.ts';
import { route } from '#lab/topology/paths.ts';
import { alone, isSameTarget, namesOf, processesOf, serviceOf } from '#lab/topology/replicas.ts';
import { durationMs, type Phase } from '#load/phases.ts';
import { longestMs, mostRequests } from './load.ts';

/** Reports options that contradict each other. */
export function* faultContradictions({ faults = [] }: ValidParts): Iterable<LocatedProblem> {
  for (const [index, fault] of faults.entries())
    if (fault) yield* within(`/faults/${index}/fault`, kindOf(fault).problems?.(fault.fault) ?? []);
}

/** Reports unknown targets, and hops to several replicas, where a single proxy can't be placed. */
export function* faultTargets({ faults = [], replicas }: ValidParts): Iterable<LocatedProblem> {
  for (const [index, fault] of faults.entries()) {
    if (!fault || !replicas) continue;
    const { target } = fault;
    const affected = isHop(target) ? receiverOf(target) : target;
    const service = serviceNames.find((name) => name === serviceOf(affected));
    const expected = service && expectedOf(target, service, replicas[service]);
    if (expected)
      yield { pointer: `/faults/${index}/target`, message: `expected ${expected}, got ${target}` };
  }
}

/** Reports targets that no variant's requests pass: the fault would affect none. */
export function* faultPaths({ faults = [], variants = {} }: ValidParts): Iterable<LocatedProblem> {
  const paths = Object.values(variants).map((variant) => variant?.path);
  if (paths.length === 0 || paths.some((path) => path === undefined)) return;
  const passed = new Set(paths.flatMap((path) => (path ? route[path] : [])));
  for (const [index, fault] of faults.entries())
    if (fault && !passed.has(serviceOf(fault.target)))
      yield {
        pointer: `/faults/${index}/target`,
        message: `expected a target on the path of the requests, one of ${[...passed].join(', ')}, got ${fault.target}`,
      };
}

/** Returns what a fault could target instead of `target`, if that does not exist among `count` processes. */
function expectedOf(target: Target, service: ServiceName, count: number): string | undefined {
  if (isHop(target)) return count > 1 ? `a hop to one process, of which ${service} has ${count}` : undefined;
  const names = namesOf(service, count);
  if (target === service || names.some((name) => name === target)) return undefined;
  return count > 1 ? `${service} or one of ${names.join(', ')}` : `${service}, which is one process`;
}

/** Reports chosen requests that the load does not have. */
export function* faultRequests({ faults = [], ...experiment }: ValidParts): Iterable<LocatedProblem> {
  const chosen = faults.flatMap((fault, index) =>
    fault && 'ids' in fault.fault
      ? fault.fault.ids.map((id, position) => ({ id, pointer: `/faults/${index}/fault/ids/${position}` }))
      : [],
  );
  if (chosen.length === 0) return;
  const most = mostRequests(experiment);
  const those = most < Infinity ? `r0 to ${requestId(most - 1)}` : 'r0 or a later one';
  for (const { id, pointer } of chosen)
    if (requestId(requestIndex(id)) !== id || requestIndex(id) >= most)
      yield { pointer, message: `expected a request of the load, ${those}, got ${JSON.stringify(id)}` };
}

/** Returns the time after which no call is under way; Infinity with events, which may wait, and with callers who wait. */
function lastCallMs({ variants = {}, load, deadlineMs = Infinity }: ValidParts): number {
  const all = Object.values(variants);
  const isOpenLoop = all.every((each) => each?.path === 'rpc' && each.callers === undefined);
  if (!isOpenLoop || all.length === 0 || !load?.every((phase): phase is Phase => phase !== undefined))
    return Infinity;
  return durationMs(load) + deadlineMs;
}

/** Reports faults that outlast the run, as their leases would, or that can't be in force at once. */
export function* faultTimes(experiment: ValidParts): Iterable<LocatedProblem> {
  const { faults = [], load: phases, drainMs, seed } = experiment;
  const runMs = longestMs(phases, drainMs, seed);
  const callsMs = lastCallMs(experiment);
  for (const [index, fault] of faults.entries()) {
    if (!fault) continue;
    const { target, atMs } = fault;
    const endMs = endOf(fault);
    if (atMs >= callsMs)
      yield {
        pointer: `/faults/${index}/atMs`,
        message: `expected a time at which calls are under way (less than ${callsMs} ms, load and deadline), got ${atMs} ms`,
      };
    if (endMs > runMs)
      yield {
        pointer: `/faults/${index}/forMs`,
        message: `expected an end within load and drain (${runMs} ms), got ${endMs} ms`,
      };
    const other = faults
      .slice(0, index)
      .find(
        (before) =>
          before &&
          isSameTarget(before.target, target) &&
          before.atMs < endMs &&
          atMs < endOf(before) &&
          !bothFit(before, fault),
      );
    if (other)
      yield {
        pointer: `/faults/${index}/atMs`,
        message: `expected ${oneOf(other, fault)} at a time on ${target}, got ${atMs} to ${endMs} ms beside ${timesOf(other)}`,
      };
  }
}

/** Reports faults that can't be seen to end, since another fault cuts off what that takes. */
export function* faultNeeds({ faults = [], replicas = alone }: ValidParts): Iterable<LocatedProblem> {
  for (const [index, fault] of faults.entries()) {
    if (!fault) continue;
    const { needs = [] } = kindOf(fault);
    const endMs = endOf(fault);
    const severed = faults.filter(
      (other) => other && severs(other) && other.atMs <= endMs && endMs < endOf(other),
    );
    const severing = (process: string) => severed.find((other) => isSameTarget(other!.target, process));
    const away = needs
      .map((need) => processesOf(need, replicas).map(severing))
      .find((all) => all.every((one) => one))?.[0];
    if (away)
      yield {
        pointer: `/faults/${index}/forMs`,
        message: `expected an end while ${needs.join(' and ')} are reachable, got ${endMs} ms, within ${timesOf(away)}`,
      };
  }
}

const endOf = ({ atMs, forMs }: Fault): number => atMs + forMs;
const timesOf = (fault: Fault): string => `"${fault.name}", ${fault.atMs} to ${endOf(fault)} ms`;

/** True if a fault cuts its target off. */
const severs = (fault: Fault): boolean =>
  !isHop(fault.target) || (kindOf(fault).stops?.(fault.fault) ?? false);

/** True if both faults can be in force on one target at once. */
const bothFit = (one: Fault, other: Fault): boolean =>
  shared(one, other) &&
  (one.fault.kind === other.fault.kind ? areApart(one, other) : !masks(one, other) && !masks(other, one));

const masks = (one: Fault, other: Fault): boolean => kindOf(one).masks?.(one.fault, other.fault) ?? false;

/** Describes which of two faults that do not fit may be in force. */
function oneOf(one: Fault, other: Fault): string {
  const kinds = [...new Set([one.fault.kind, other.fault.kind])];
  if (!shared(one, other)) return 'one fault';
  return kinds.length > 1 ? `either ${kinds.join(' or ')}` : `one ${kinds[0]}`;
}

/** True if the faults affect different directions of a hop. */
function areApart(...faults: Fault[]): boolean {
  const streams = faults.map(({ fault }) => ('stream' in fault ? fault.stream : 'both'));
  return !streams.includes('both') && new Set(streams).size === faults.length;
}

const shared = (...faults: Fault[]): boolean => faults.every((fault) => !kindOf(fault).exclusive);
