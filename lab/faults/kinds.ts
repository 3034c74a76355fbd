import type { Static, TObject } from 'typebox';
import { taggedKinds } from '#kit/schema/schema.ts';
import { hops } from '#lab/topology/hops.ts';
import { namesMax, serviceOf } from '#lab/topology/replicas.ts';
import { application } from './application.ts';
import { brokerFaults } from './broker.ts';
import { crashLoop } from './crash-loop.ts';
import { disconnect } from './disconnect.ts';
import { kill } from './kill.ts';
import type { Kind } from './kind.ts';
import { network } from './network.ts';
import { pause } from './pause.ts';
import { stop } from './stop.ts';

const process = { kill, 'crash-loop': crashLoop, stop, pause, disconnect };

/** Every kind of fault, by what it can happen to; a new one is a file and a line here, or, where a service does it itself, in its own map. */
export const kinds = {
  'any process': process,
  nats: brokerFaults,
  downstream: application,
  'any hop': network,
} as const;

type Kinds = Readonly<Record<string, Kind<TObject, Target>>>;

const group = <const T extends string, K extends Record<string, { readonly options: TObject }>>(
  of: readonly T[],
  kinds: K,
) => ({ of, kinds, schema: taggedKinds(kinds) });

/** What an experiment says about what breaks, by target. */
export const faultOptions = [
  group((['gateway', 'publisher', 'consumer'] as const).flatMap(namesMax), process),
  group(['nats'], { ...process, ...brokerFaults }),
  group(namesMax('downstream'), { ...process, ...application }),
  group(hops, network),
] as const;
type Group = (typeof faultOptions)[number];

/** What can be harmed. */
export type Target = Group['of'][number];
/** All but single replicas. */
export const targets: readonly Target[] = faultOptions
  .flatMap(({ of }) => of as readonly Target[])
  .filter((target) => target === serviceOf(target));

/** What can happen to a target, by kind. */
export const kindsOf = (target: Target): Kinds =>
  faultOptions.find(({ of }) => (of as readonly Target[]).includes(target))!.kinds as unknown as Kinds;

/** What brings a fault about and mends it. */
export const kindOf = ({ target, fault }: { target: Target; fault: FaultOptions }): Kind<TObject, Target> =>
  kindsOf(target)[fault.kind]!;
type FaultOptions = Static<Group['schema']>;
