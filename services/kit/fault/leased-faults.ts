import type { FastifyInstance } from 'fastify';
import type { Static, TObject, TSchema } from 'typebox';
import type { Clock, Timer } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';
import { parser } from '#kit/schema/parser.ts';
import { type Problem, refuse, within } from '#kit/schema/problems.ts';
import { number, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import type { FaultKind } from './fault-kind.ts';

/** Named fault. It has a `target` if the service has several targets, e.g. proxies. */
export interface LeasedFault<O extends { readonly kind: string }> {
  readonly name: string;
  readonly target?: string;
  readonly fault: O;
}

interface Injection<F> {
  /** Returns problems of the fault's target. `replaced` is the active fault of the same name. */
  readonly problems?: (fault: F, replaced: F | undefined) => Problem[];
  readonly begin: (fault: F, leaseMs: number) => void | Promise<void>;
  /** Clears the fault, while `others` stay active. If this rejects, the fault stays active. */
  readonly end: (fault: F, others: readonly F[]) => void | Promise<void>;
  readonly change: <T>(change: () => T | Promise<T>) => Promise<T>;
}

interface Lease<F> {
  readonly fault: F;
  readonly endAtMs: number;
  timer: Timer;
}

const activeMax = 100;

/** Time after a failed attempt to clear a fault whose lease is over, until the next attempt. */
const retryMs = 250;

/**
 * Faults that a service injects itself. A fault ends when it is cleared, or when its lease is over. Each change resolves
 * with the faults active afterwards.
 */
export class LeasedFaults<O extends { readonly kind: string }, F extends LeasedFault<O> = LeasedFault<O>> {
  readonly #kinds: Readonly<Record<string, FaultKind<TObject>>>;
  readonly #injection: Injection<F>;
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  readonly #leases = new Map<string, Lease<F>>();

  /** `failed` receives the error if a fault can't be cleared after its lease; once for each fault. */
  constructor(kinds: object, injection: Injection<F>, clock: Clock, failed: (error: unknown) => void) {
    this.#kinds = kinds as Readonly<Record<string, FaultKind<TObject>>>;
    this.#injection = injection;
    this.#clock = clock;
    this.#failed = failed;
  }

  /** Returns the active faults, oldest first, with the remaining time of their leases. */
  list() {
    const nowMs = this.#clock.now();
    return [...this.#leases.values()].map(({ fault: { name, target, fault }, endAtMs }) => ({
      name,
      leftMs: Math.max(0, endAtMs - nowMs),
      ...(target !== undefined && { target }),
      ...fault,
    }));
  }

  /** Injects a fault, in place of an active one of the same name. Rejects with InvalidError. */
  async begin(fault: F, leaseMs: number) {
    const { name } = fault;
    await this.#injection.change(async () => {
      refuse(this.#problems(fault));
      await this.#end(name);
      const lease = { fault, endAtMs: this.#clock.now() + leaseMs, timer: undefined };
      this.#leases.set(name, lease);
      this.#endIn(leaseMs, lease, this.#failed);
      await this.#injection.begin(fault, leaseMs);
    });
    return this.list();
  }

  async end(name: string) {
    await this.#injection.change(() => this.#end(name));
    return this.list();
  }

  /** Tries to clear all faults. Rejects with an Error that names those that could not be cleared. */
  async clear() {
    const names = [...this.#leases.keys()];
    const ended = await Promise.allSettled(names.map((name) => this.end(name)));
    const failures = ended.flatMap((one, index) =>
      one.status === 'rejected'
        ? `${names[index]} could not be cleared: ${(one.reason as Error).message}`
        : [],
    );
    if (failures.length > 0) throw new Error(failures.join('; '));
    return this.list();
  }

  #problems(fault: F): Problem[] {
    if (this.#others(fault.name).length >= activeMax)
      return [{ pointer: '', message: `expected at most ${activeMax} faults at once` }];
    const { fault: own } = fault;
    return [
      ...(this.#injection.problems?.(fault, this.#leases.get(fault.name)?.fault) ?? []),
      ...within('/fault', this.#kinds[own.kind]!.problems?.(own) ?? []),
    ];
  }

  #others(name: string): F[] {
    return [...this.#leases.values()].map(({ fault }) => fault).filter((fault) => fault.name !== name);
  }

  async #end(name: string): Promise<void> {
    const lease = this.#leases.get(name);
    if (!lease) return;
    await this.#injection.end(lease.fault, this.#others(name));
    this.#leases.delete(name);
    this.#clock.cancel(lease.timer);
  }

  #endIn(ms: number, lease: Lease<F>, failed: (error: unknown) => void): void {
    const { name } = lease.fault;
    const isHeld = () => this.#leases.get(name) === lease;
    // Checks again, since by the time of the change another fault may have this name.
    const end = async () => {
      if (isHeld()) await this.#end(name);
    };
    lease.timer = this.#clock.after(ms, () => {
      this.#injection.change(end).catch((error) => {
        failed(error);
        // Further failures aren't reported, since they would repeat this error.
        if (isHeld()) this.#endIn(retryMs, lease, () => undefined);
      });
    });
  }
}

export function exportFaults(
  metrics: Metrics,
  active: () => readonly { readonly name: string; readonly target: string; readonly kind: string }[],
): void {
  metrics.gauge('spillway_fault_active', () =>
    active().map(({ name, target, kind }) => [{ fault: name, target, kind }, 1] as const),
  );
}

const Params = strict({ name: Type.String({ minLength: 1, maxLength: 40 }) });
type Named = Static<typeof Params>;
const leaseMs = number(
  { above: 0, to: 86_400_000 },
  'Time after which the fault is cleared, unless it is cleared earlier.',
);

/** Faults of any service. */
type Faults = Pick<LeasedFaults<{ readonly kind: string }>, 'list' | 'begin' | 'end' | 'clear'>;

/** Adds routes to inject and clear faults. `fields` are the schemas of a fault's fields besides its name. */
export function faultRoutes(
  app: FastifyInstance,
  fields: Readonly<Record<string, TSchema>>,
  faults: Faults,
): void {
  const calls = Object.entries<(name: string, body: unknown) => unknown>(
    faultCalls(faultParser(fields), faults),
  );
  for (const [route, call] of calls) {
    const [method = '', url = ''] = route.split(' ');
    const schema = url.includes(':name') ? { params: Params } : {};
    app.route({ method, url, schema, handler: ({ params, body }) => call((params as Named).name, body) });
  }
}

/** Returns a parser of the body that injects a fault. Compiling it takes tens of ms, so processes share it. */
export const faultParser = (fields: Readonly<Record<string, TSchema>>) =>
  parser(strict({ leaseMs, ...fields }));

/** Returns the fault routes of a control port without HTTP. Each resolves with the faults active afterwards. */
export const faultCalls = (parse: ReturnType<typeof faultParser>, faults: Faults) => ({
  'GET /faults': () => faults.list(),
  'PUT /faults/:name': (name: string, body: unknown) => {
    const { leaseMs, ...fault } = parse(body) as { leaseMs: number };
    return faults.begin({ name, ...fault } as never, leaseMs);
  },
  'DELETE /faults/:name': (name: string) => faults.end(name),
  'DELETE /faults': () => faults.clear(),
});
