import { within } from '#kit/schema/problems.ts';
import { requestId, requestIndex } from '#kit/wire.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Fault } from '#lab/experiment/schema.ts';
import type { ValidParts } from '#lab/experiment/valid-parts.ts';
import { kindOf, type Target } from '#lab/faults/kinds.ts';
import { isHop, receiverOf } from '#lab/topology/hops.ts';
import { type ServiceName, serviceNames } from '#lab/topology/names.ts';
import { route } from '#lab/topology/paths.ts';
import { alone, isSameTarget, namesOf, processesOf, serviceOf } from '#lab/topology/replicas.ts';
import { longestMs, mostRequests } from './load.ts';

/** Options that contradict each other. */
export function faultContradictions({ faults = [] }: ValidParts): LocatedProblem[] {
  return faults.flatMap((fault, index) =>
    fault ? within(`/faults/${index}/fault`, kindOf(fault).problems?.(fault.fault) ?? []) : [],
  );
}

/** Targets that there are not, and hops that lead to several, before whom one proxy can't stand. */
export function faultTargets({ faults = [], replicas }: ValidParts): LocatedProblem[] {
  return faults.flatMap((fault, index) => {
    if (!fault || !replicas) return [];
    const { target } = fault;
    const affected = isHop(target) ? receiverOf(target) : target;
    const service = serviceNames.find((name) => name === serviceOf(affected));
    const expected = service && expectedOf(target, service, replicas[service]);
    return expected
      ? [{ pointer: `/faults/${index}/target`, message: `expected ${expected}, got ${target}` }]
      : [];
  });
}

/** Targets that no variant's requests pass, so that nobody would meet the fault. */
export function faultPaths({ faults = [], variants = {} }: ValidParts): LocatedProblem[] {
  const paths = Object.values(variants).map((variant) => variant?.path);
  const passed = paths.flatMap((path) => (path ? route[path] : []));
  if (paths.length === 0 || paths.some((path) => path === undefined)) return [];
  return faults.flatMap((fault, index) =>
    !fault || passed.includes(serviceOf(fault.target))
      ? []
      : [
          {
            pointer: `/faults/${index}/target`,
            message: `expected what the requests pass, one of ${[...new Set(passed)].join(', ')}, got ${fault.target}`,
          },
        ],
  );
}

/** What could be harmed in the place of a target that can't be, of which a service has so many processes. */
function expectedOf(target: Target, service: ServiceName, count: number): string | undefined {
  if (isHop(target)) return count > 1 ? `a hop to one process, of which ${service} has ${count}` : undefined;
  const names = namesOf(service, count);
  if (target === service || names.some((name) => name === target)) return undefined;
  return count > 1 ? `${service} or one of ${names.join(', ')}` : `${service}, which is one process`;
}

/** Chosen requests that there are not, so that nothing would happen to them. */
export function faultRequests({ faults = [], ...experiment }: ValidParts): LocatedProblem[] {
  const chosen = faults.flatMap((fault, index) =>
    fault && 'ids' in fault.fault
      ? fault.fault.ids.map((id, place) => ({ id, pointer: `/faults/${index}/fault/ids/${place}` }))
      : [],
  );
  if (chosen.length === 0) return [];
  const most = mostRequests(experiment);
  const those = most < Number.POSITIVE_INFINITY ? `r0 to ${requestId(most - 1)}` : 'r0 or a later one';
  const isThere = (id: string) => requestId(requestIndex(id)) === id && requestIndex(id) < most;
  return chosen
    .filter(({ id }) => !isThere(id))
    .map(({ id, pointer }) => ({
      pointer,
      message: `expected a request of the load, ${those}, got ${JSON.stringify(id)}`,
    }));
}

/** Faults that outlast the run, and so their leases would, or that can't be in force at once. */
export function faultTimes({ faults = [], load: phases, drainMs, seed }: ValidParts): LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const runMs = longestMs(phases, drainMs, seed);
  for (const [index, fault] of faults.entries()) {
    if (!fault) continue;
    const { target, atMs, forMs } = fault;
    const endMs = atMs + forMs;
    if (endMs > runMs)
      problems.push({
        pointer: `/faults/${index}/forMs`,
        message: `expected an end within load and drain (${runMs} ms), got ${endMs} ms`,
      });
    const other = faults
      .slice(0, index)
      .find(
        (before) =>
          before &&
          isSameTarget(before.target, target) &&
          before.atMs < endMs &&
          atMs < before.atMs + before.forMs &&
          !bothFit(before, fault),
      );
    if (other)
      problems.push({
        pointer: `/faults/${index}/atMs`,
        message: `expected ${oneOf(other, fault)} at a time on ${target}, got ${atMs} to ${endMs} ms beside "${other.name}", ${other.atMs} to ${other.atMs + other.forMs} ms`,
      });
  }
  return problems;
}

/** Faults that can't be seen to end, since what it takes is away. */
export function faultNeeds({ faults = [], replicas = alone }: ValidParts): LocatedProblem[] {
  return faults.flatMap((fault, index) => {
    const needs = (fault && kindOf(fault).needs) ?? [];
    if (!fault || needs.length === 0) return [];
    const endMs = fault.atMs + fault.forMs;
    const severed = faults.filter(
      (other) => other && severs(other) && other.atMs <= endMs && endMs < other.atMs + other.forMs,
    );
    const severing = (process: string) => severed.find((other) => isSameTarget(other!.target, process));
    const away = needs
      .map((need) => processesOf(need, replicas).map(severing))
      .find((all) => all.every((one) => one))?.[0];
    if (!away) return [];
    const message = `expected an end while ${needs.join(' and ')} are there, got ${endMs} ms, within "${away.name}", ${away.atMs} to ${away.atMs + away.forMs} ms`;
    return [{ pointer: `/faults/${index}/forMs`, message }];
  });
}

/** Whether nobody hears from its target. */
const severs = (fault: Fault): boolean =>
  !isHop(fault.target) || (kindOf(fault).stops?.(fault.fault) ?? false);

/** Whether one target can have both at once. */
const bothFit = (one: Fault, other: Fault): boolean =>
  shared(one, other) &&
  (one.fault.kind === other.fault.kind ? areApart(one, other) : !masks(one, other) && !masks(other, one));

const masks = (one: Fault, other: Fault): boolean => kindOf(one).masks?.(one.fault, other.fault) ?? false;

/** What there may be of two that don't fit. */
function oneOf(one: Fault, other: Fault): string {
  const kinds = [...new Set([one.fault.kind, other.fault.kind])];
  if (!shared(one, other)) return 'one fault';
  return kinds.length > 1 ? `either ${kinds.join(' or ')}` : `one ${kinds[0]}`;
}

/** On a hop: one along it, the other back. */
function areApart(...faults: Fault[]): boolean {
  const streams = faults.map(({ fault }) => ('stream' in fault ? fault.stream : 'both'));
  return !streams.includes('both') && new Set(streams).size === faults.length;
}

const shared = (...faults: Fault[]): boolean => faults.every((fault) => !kindOf(fault).exclusive);
