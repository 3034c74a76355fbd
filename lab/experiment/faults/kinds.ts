import type { Static, TObject } from 'typebox';
import { applicationFaults } from '#downstream/faults/config.ts';
import { taggedKinds } from '#kit/schema/schema.ts';
import { type Hop, hops } from '#lab/kit/topology/hops.ts';
import type { ProcessName } from '#lab/kit/topology/names.ts';
import { namesMax, serviceOf } from '#lab/kit/topology/replicas.ts';
import { serverSets } from '#lab/kit/topology/servers.ts';
import { networkFaults } from '#netproxy/faults/config.ts';
import type { Injectable, Place } from './injectable.ts';
import { leased } from './leased.ts';
import { processFaults } from './processes.ts';

/** All kinds of faults, by their targets. A new kind is an entry in the map of the service or file that injects it. */
export const kinds = {
  'any process': processFaults,
  downstream: leased<typeof applicationFaults, ProcessName>(applicationFaults),
  'any hop': leased<typeof networkFaults, Hop>(networkFaults),
} as const;

type Kinds = Readonly<Record<string, Injectable<TObject, Place>>>;

const group = <const T extends string, K extends Record<string, { readonly options: TObject }>>(
  of: readonly T[],
  kinds: K,
) => ({ of, kinds, schema: taggedKinds(kinds) });

export const faultOptions = [
  group((['gateway', 'publisher', 'consumer'] as const).flatMap(namesMax), processFaults),
  group(['nats', ...serverSets], processFaults),
  group(namesMax('downstream'), { ...processFaults, ...kinds.downstream }),
  group(hops, kinds['any hop']),
] as const;
type Group = (typeof faultOptions)[number];

export type Target = Group['of'][number];
/** Targets, without the names of single replicas. */
export const targets: readonly Target[] = faultOptions
  .flatMap(({ of }) => of as readonly Target[])
  .filter((target) => target === serviceOf(target));

export const kindsOf = (target: Target): Kinds =>
  faultOptions.find(({ of }) => (of as readonly Target[]).includes(target))!.kinds as unknown as Kinds;

export const kindOf = ({ target, fault }: { target: Target; fault: FaultOptions }): Kinds[string] =>
  kindsOf(target)[fault.kind]!;
type FaultOptions = Static<Group['schema']>;
