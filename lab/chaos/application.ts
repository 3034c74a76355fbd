import type { TObject } from 'typebox';
import { faultKinds } from '#downstream/faults/config.ts';
import type { Kind } from './kind.ts';
import { leased } from './leased.ts';

const told = leased({ port: ({ downstream }) => downstream, told: () => ({}) });

/** Every fault that downstream brings about itself. */
export const application = Object.fromEntries(
  Object.entries(faultKinds).map(([name, { options, done, halts = false }]) => [
    name,
    { options, done, halts, shares: !halts, ...told } satisfies Kind<TObject>,
  ]),
) as unknown as { [K in keyof typeof faultKinds]: Kind<(typeof faultKinds)[K]['options']> };
