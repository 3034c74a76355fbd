import type { FaultClick } from './setting.ts';

/** A fault that a page injects with one click. */
interface Clickable {
  readonly label: string;
  /** Duration unless an address has another. */
  readonly forMs: number;
  readonly fault: Readonly<Record<string, unknown>>;
  /** True for a fault of a process: of the consumer if all requests are events, else of the dependency. */
  readonly isOfProcess?: boolean;
}

/** Faults of a page, in the order of its buttons. */
export const faultClicks: Readonly<Record<FaultClick, Clickable>> = {
  slow: { label: 'Slow', forMs: 5000, fault: { kind: 'latency', added: { kind: 'fixed', ms: 300 } } },
  errors: { label: 'Errors', forMs: 5000, fault: { kind: 'failure', ratio: 0.5 } },
  kill: { label: 'Kill', forMs: 2000, fault: { kind: 'kill' }, isOfProcess: true },
  pause: { label: 'Stall', forMs: 2000, fault: { kind: 'pause' }, isOfProcess: true },
};

export const isFaultClick = (kind: string): kind is FaultClick => Object.hasOwn(faultClicks, kind);

interface Timed {
  readonly kind: FaultClick;
  readonly atMs: number;
  readonly forMs: number;
}

/** Returns the fault of a click as an experiment has it. `taken` has the names of other faults. */
export function faultOf({ kind, atMs, forMs }: Timed, paths: readonly string[], taken: readonly string[]) {
  const { fault, isOfProcess } = faultClicks[kind];
  const target = isOfProcess && paths.every((path) => path === 'event') ? 'consumer' : 'downstream';
  let name: string = kind;
  for (let count = 2; taken.includes(name); count++) name = `${kind}-${count}`;
  return { name, atMs, forMs, target, fault };
}
