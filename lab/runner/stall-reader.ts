import type { Stalled } from '#kit/stalls.ts';
import type { ProcessStall, Stalls } from '#lab/analysis/figures/stalls.ts';
import { type Control, type Controls, processesIn } from '#lab/testbed/control.ts';
import type { Summary } from '#load/protocol.ts';

/** Reads the stalls that the processes have recorded. */
export class StallReader {
  readonly #ports: ReadonlyMap<string, Pick<Control, 'request'>>;
  readonly #kept: ProcessStall[] = [];

  constructor(controls: Controls) {
    const { netproxy } = controls;
    this.#ports = new Map([...processesIn(controls), ...(netproxy ? [['netproxy', netproxy] as const] : [])]);
  }

  /**
   * Reads the stalls of processes that may be killed, since a killed process loses its stalls. Rejects as `request`
   * does.
   */
  async keep(names: readonly string[], withinMs: number): Promise<void> {
    await Promise.all(
      names.map(async (process) => {
        const answer = await this.#ports.get(process)?.request('GET', '/stalls', undefined, withinMs);
        const { stalls } = JSON.parse(answer ?? '{"stalls":[]}') as Pick<Stalled, 'stalls'>;
        this.#kept.push(...stalls.map((stall) => ({ process, ...stall })));
      }),
    );
  }

  /**
   * Returns the stalls of all processes and of the broker since the start of the load. Includes those that `keep` has
   * read.
   */
  async read({ startedAtMs, stalled }: Summary): Promise<Stalls> {
    const path = `/stalls?sinceMs=${startedAtMs}`;
    const answers = [...this.#ports].map(async ([name, port]): Promise<[string, Stalled]> => {
      return [name, JSON.parse(await port.request('GET', path)) as Stalled];
    });
    const reported: [string, Stalled][] = [['generator', stalled], ...(await Promise.all(answers))];
    const last = reported.flatMap(([process, { stalls }]) => stalls.map((stall) => ({ process, ...stall })));
    const all = [...this.#kept.filter(({ untilMs }) => untilMs > startedAtMs), ...last];
    // A process that was not killed reports again what `keep` has read.
    const each = [...new Map(all.map((stall) => [`${stall.process} ${stall.fromMs}`, stall])).values()];
    const isOfBroker = ({ process }: ProcessStall) => process === 'broker';
    return {
      all: [...each.filter((stall) => !isOfBroker(stall)), ...apart(each.filter(isOfBroker))],
      incomplete: reported.flatMap(([process, { complete }]) => (complete ? [] : process)),
    };
  }
}

/**
 * Drops stalls that overlap an earlier stall, since each replica of the publisher reports the same stall of the broker.
 */
function apart(stalls: readonly ProcessStall[]): ProcessStall[] {
  const found: ProcessStall[] = [];
  for (const stall of stalls.toSorted((a, b) => a.fromMs - b.fromMs))
    if (stall.fromMs >= (found.at(-1)?.untilMs ?? Number.NEGATIVE_INFINITY)) found.push(stall);
  return found;
}
