import type { TObject } from 'typebox';
import type { FaultKind } from '#kit/fault/fault-kind.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { isHop, proxyOf } from '#lab/kit/topology/hops.ts';
import type { ServiceProcess } from '#lab/kit/topology/names.ts';
import type { FaultContext, Injectable, Injection, Place } from './injectable.ts';

const portOf = ({ downstream, netproxy }: FaultContext['controls'], target: Place) =>
  isHop(target) ? netproxy : downstream.processes.get(target as ServiceProcess);

const pathOf = (name: string) => `/faults/${encodeURIComponent(name)}`;

const isInForce = (name: string, list = '[]'): boolean =>
  (JSON.parse(list) as { name: string }[]).some((fault) => fault.name === name);

/** Defines faults that a service injects on request. A fault ends at the latest when the lease of its request expires. */
export const leased = <K extends Record<string, { readonly options: TObject }>, T extends Place>(kinds: K) =>
  Object.fromEntries(
    Object.entries(kinds as unknown as Record<string, FaultKind<TObject>>).map(([name, kind]) => [
      name,
      {
        ...kind,
        async begin({ controls }, { name, target, forMs, options }) {
          const proxy = isHop(target) && { target: proxyOf(target) };
          const body = { leaseMs: forMs, ...proxy, fault: options };
          const answer = await portOf(controls, target)?.request('PUT', pathOf(name), body);
          if (!isInForce(name, answer))
            throw new TestbedError('fault-failed', `the fault ${name} did not take`);
        },
        async end({ controls }, { name, target, forMs, options }: Injection<TObject, Place>) {
          // A process whose event loop the fault stops answers only when the fault is over.
          const silentMs = !isHop(target) && kind.stops?.(options) ? forMs : 0;
          const port = portOf(controls, target);
          const answer = await port?.request('DELETE', pathOf(name), undefined, silentMs + 10_000);
          if (isInForce(name, answer))
            throw new TestbedError('fault-failed', `the fault ${name} did not end`);
        },
      } satisfies Injectable<TObject, Place>,
    ]),
  ) as unknown as { [N in keyof K]: Injectable<K[N]['options'], T> };
