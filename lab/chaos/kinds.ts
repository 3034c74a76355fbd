import type { Static, TObject } from 'typebox';
import { tagged } from '#kit/schema.ts';
import { application } from './application.ts';
import { disconnect } from './disconnect.ts';
import { kill } from './kill.ts';
import type { Kind } from './kind.ts';
import { pause } from './pause.ts';
import { stop } from './stop.ts';

/** Every kind of fault; a new one is a file and a line here, or, where downstream does it itself, in its own map. */
const kinds = { kill, stop, pause, disconnect, ...application };

export type FaultKind = keyof typeof kinds;
export const faultKinds = Object.keys(kinds) as readonly FaultKind[];

type Options = { [K in FaultKind]: (typeof kinds)[K]['options'] };

/** What an experiment says about what breaks. */
export const FaultOptions = tagged(
  'kind',
  Object.fromEntries(Object.entries(kinds).map(([kind, { options }]) => [kind, options])) as Options,
);
export type FaultOptions = Static<typeof FaultOptions>;

/** What brings it about and mends it. */
export const kindOf = ({ kind }: FaultOptions): Kind<TObject> => kinds[kind];

/** What an experiment may say of it. */
export const optionsOf = (kind: FaultKind): TObject => kinds[kind].options;
