import type { Clock } from '#kit/clock.ts';
import type { LeasedFaults } from '#kit/fault/fault-routes.ts';
import { Leases } from '#kit/fault/leases.ts';
import { InvalidError, within } from '#kit/schema/problems.ts';
import { toxicsMax } from '#netproxy/config.ts';
import type { Proxies } from '#netproxy/proxies.ts';
import type { TcpProxy } from '#netproxy/tcp-proxy.ts';
import type { ToxicSpec } from '#netproxy/toxics/kinds.ts';
import { type FaultOptions, problemsOf, toxicsOf } from './config.ts';

/** What is done to a proxy. */
interface Harm {
  /** The proxy's name. */
  readonly target: string;
  readonly fault: FaultOptions;
}

/** The faults in force, each until its lease is over: toxics and closed proxies that end by themselves. */
export class Faults implements LeasedFaults<Harm> {
  readonly #proxies: Proxies;
  readonly #leases: Leases<Harm>;

  /** `failed` hears of what could not be mended when its lease was over, and is tried again. */
  constructor(proxies: Proxies, clock: Clock, failed: (error: unknown) => void) {
    this.#proxies = proxies;
    const over = (name: string, harm: Harm) =>
      // Of the changes before this one, one may have begun another fault of that name.
      proxies.change(() => (this.#held(name) === harm ? this.#end(name) : undefined));
    this.#leases = new Leases(clock, over, failed);
  }

  /** Those that are really there: toxics and proxies can be changed by Toxiproxy's API, too. */
  list() {
    return this.#leases.all
      .filter(({ name, held }) => this.#isInForce(name, held))
      .map(({ name, leftMs, held: { target, fault } }) => ({ name, leftMs, target, ...fault }));
  }

  async begin(name: string, harm: Harm, leaseMs: number): Promise<void> {
    const { target, fault } = harm;
    await this.#proxies.change(async () => {
      const proxy = this.#proxy(target);
      const problems = proxy
        ? within('/fault', problemsOf(fault))
        : [{ pointer: '/target', message: `expected ${this.#names() || 'a proxy'}, got ${target}` }];
      if (!proxy || problems.length > 0) throw new InvalidError(problems);
      const toxics = toxicsOf(name, fault);
      const others = proxy.toxics.filter((toxic) => !this.#isOwn(name, target, toxic));
      const taken = toxics?.find((toxic) => others.some((other) => other.name === toxic.name));
      if (taken) throw refusal(`${target} has a toxic ${taken.name} already that is not of this fault`);
      const many = others.length + (toxics?.length ?? 0);
      if (many > toxicsMax) throw refusal(`expected at most ${toxicsMax} toxics on ${target}, got ${many}`);
      await this.#end(name);
      this.#leases.hold(name, harm, leaseMs);
      if (toxics === undefined) await proxy.stop();
      else for (const toxic of toxics) proxy.addToxic(toxic);
    });
  }

  async end(name: string): Promise<void> {
    await this.#proxies.change(() => this.#end(name));
  }

  /** Leaves no timer behind. */
  stop(): void {
    for (const { name } of this.#leases.all) this.#leases.release(name);
  }

  /** Rejects with the fault still in force where a proxy can't listen again. */
  async #end(name: string): Promise<void> {
    const harm = this.#held(name);
    const proxy = harm && this.#proxy(harm.target);
    if (proxy) {
      const toxics = toxicsOf(name, harm.fault);
      if (toxics === undefined && !this.#isDown(harm.target, name)) await proxy.start();
      for (const toxic of toxics ?? []) if (has(proxy, toxic.name)) await proxy.removeToxic(toxic.name);
    }
    this.#leases.release(name);
  }

  #held = (name: string): Harm | undefined => this.#leases.all.find((lease) => lease.name === name)?.held;

  #isInForce(name: string, { target, fault }: Harm): boolean {
    const proxy = this.#proxy(target);
    if (!proxy) return false;
    return toxicsOf(name, fault)?.every((toxic) => has(proxy, toxic.name)) ?? !proxy.enabled;
  }

  /** Whether a proxy has a toxic from the fault of that name which is in force. */
  #isOwn = (name: string, target: string, toxic: ToxicSpec): boolean =>
    this.#leases.all.some(
      (lease) =>
        lease.name === name &&
        lease.held.target === target &&
        toxicsOf(name, lease.held.fault)?.some((own) => own.name === toxic.name),
    );

  /** Whether a fault of another name keeps a proxy closed. */
  #isDown = (target: string, but: string): boolean =>
    this.#leases.all.some(
      ({ name, held }) => name !== but && held.target === target && held.fault.kind === 'down',
    );

  #proxy = (name: string): TcpProxy | undefined => this.#proxies.all.find((proxy) => proxy.name === name);

  #names = (): string => this.#proxies.all.map(({ name }) => name).join(' or ');
}

const refusal = (message: string) => new InvalidError([{ pointer: '', message }]);

const has = (proxy: TcpProxy, toxic: string): boolean => proxy.toxics.some(({ name }) => name === toxic);
