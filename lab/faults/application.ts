import type { TObject } from 'typebox';
import { type FaultOptions, faultKinds, hides, problemsOf } from '#downstream/faults/config.ts';
import type { ProcessName, ServiceProcess } from '#lab/topology/names.ts';
import type { Kind } from './kind.ts';
import { leased } from './leased.ts';

const told = leased({
  port: ({ downstream }, target: ProcessName) => downstream.processes.get(target as ServiceProcess),
  told: () => ({}),
  muteMs: ({ options, forMs }) => (faultKinds[(options as FaultOptions).kind].halts ? forMs : 0),
});

/** Every fault that downstream brings about itself. */
export const application = Object.fromEntries(
  Object.entries(faultKinds).map(([name, { options, done, halts = false, affects }]) => [
    name,
    {
      options,
      done,
      halts,
      affects: affects ?? 'all',
      shares: !halts,
      hides: (own, other) => hides(own as FaultOptions, other as FaultOptions),
      problems: (own) => problemsOf(own as FaultOptions),
      ...told,
    } satisfies Kind<TObject>,
  ]),
) as unknown as { [K in keyof typeof faultKinds]: Kind<(typeof faultKinds)[K]['options']> };
