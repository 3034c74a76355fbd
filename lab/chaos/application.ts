import type { TObject } from 'typebox';
import { faultKinds } from '#downstream/faults/config.ts';
import { TestbedError } from '#lab/testbed-error.ts';
import { type Kind, kind } from './kind.ts';

/** What downstream does to itself, for as long as it is told; it says what is in force then. */
function own<S extends TObject>(options: S, done: string, halts: boolean): Kind<S> {
  return kind<S>({
    options,
    done,
    shares: !halts,
    halts,
    async begin({ controls }, { name, forMs, options }) {
      const body = { leaseMs: forMs, fault: options };
      const answer = await controls.downstream.request('PUT', pathOf(name), body);
      if (!isInForce(name, answer)) throw new TestbedError('fault-failed', `the fault ${name} did not take`);
    },
    async end({ controls }, { name, forMs }) {
      // Where it has stood still, it answers only after that.
      const withinMs = forMs + 10_000;
      const answer = await controls.downstream.request('DELETE', pathOf(name), undefined, withinMs);
      if (isInForce(name, answer)) throw new TestbedError('fault-failed', `the fault ${name} did not end`);
    },
  });
}

const pathOf = (name: string) => `/faults/${encodeURIComponent(name)}`;

const isInForce = (name: string, list: string): boolean =>
  (JSON.parse(list) as { name: string }[]).some((fault) => fault.name === name);

/** Every fault that downstream brings about itself. */
export const application = Object.fromEntries(
  Object.entries(faultKinds).map(([name, { options, done, halts = false }]) => [
    name,
    own<TObject>(options, done, halts),
  ]),
) as unknown as { [K in keyof typeof faultKinds]: Kind<(typeof faultKinds)[K]['options']> };
