import type { TObject } from 'typebox';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { ControlPort, Hands, Harm } from './kind.ts';

/** Whom to tell of a fault, and of whose. */
interface Teller<T> {
  readonly port: (controls: Hands['controls'], target: T) => ControlPort | undefined;
  readonly told: (target: T) => object;
  /** For how long a fault may keep its target from answering, in ms. */
  readonly muteMs?: (harm: Harm<TObject, T>) => number;
}

/** How to bring about and end what a service does itself, for as long as it is told; it says what is in force then. */
export const leased = <T>({ port, told, muteMs = () => 0 }: Teller<T>) => ({
  async begin({ controls }: Hands, { name, target, forMs, options }: Harm<TObject, T>): Promise<void> {
    const body = { leaseMs: forMs, ...told(target), fault: options };
    const answer = await port(controls, target)?.request('PUT', pathOf(name), body);
    if (!isInForce(name, answer)) throw new TestbedError('fault-failed', `the fault ${name} did not take`);
  },
  async end({ controls }: Hands, harm: Harm<TObject, T>): Promise<void> {
    const { name, target } = harm;
    const withinMs = muteMs(harm) + 10_000;
    const answer = await port(controls, target)?.request('DELETE', pathOf(name), undefined, withinMs);
    if (isInForce(name, answer)) throw new TestbedError('fault-failed', `the fault ${name} did not end`);
  },
});

const pathOf = (name: string) => `/faults/${encodeURIComponent(name)}`;

const isInForce = (name: string, list = '[]'): boolean =>
  (JSON.parse(list) as { name: string }[]).some((fault) => fault.name === name);
