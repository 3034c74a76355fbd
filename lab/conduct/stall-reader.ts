import type { Stall, Stalled } from '#kit/stalls.ts';
import type { ProcessStall, Stalls } from '#lab/judge/figures/stalls.ts';
import type { Control } from '#lab/world/control.ts';
import { type Controls, processesIn } from '#lab/world/controls.ts';
import type { Summary } from '#load/protocol.ts';
import type { ClockReader } from './clock-reader.ts';

/** Stall as the process `by` reported it, on its own clock. */
interface Reported {
  readonly by: string;
  readonly stall: Stall;
}

export type StallReader = ReturnType<typeof stallReader>;

export function stallReader(
  { netproxy, ...services }: Controls,
  clocks: Pick<ClockReader, 'toLab' | 'notLater'>,
) {
  const ports = new Map<string, Pick<Control, 'request'>>(processesIn(services));
  if (netproxy) ports.set('netproxy', netproxy);
  const kept: Reported[] = [];
  const onLabClock = ({ by, stall }: Reported): ProcessStall => {
    const toLab = (ms: number) => clocks.toLab(by, ms);
    return { process: by, ...stall, fromMs: toLab(stall.fromMs), untilMs: toLab(stall.untilMs) };
  };
  return {
    /** Reads the stalls of processes that may be killed, and would lose them. Rejects as `request` does. */
    async keep(names: readonly string[], withinMs: number): Promise<void> {
      await Promise.all(
        names.map(async (process) => {
          const answer = await ports.get(process)?.request('GET', '/stalls', undefined, withinMs);
          const { stalls } = JSON.parse(answer ?? '{"stalls":[]}') as Pick<Stalled, 'stalls'>;
          kept.push(...stalls.map((stall) => ({ by: process, stall })));
        }),
      );
    },
    /** Returns all stalls since the start of the load, and those that `keep` has read. */
    async read({ startedAtMs, stalled }: Pick<Summary, 'startedAtMs' | 'stalled'>): Promise<Stalls> {
      const answers = [...ports].map(async ([name, port]): Promise<[string, Stalled]> => {
        const sinceMs = Math.max(0, clocks.notLater(name, startedAtMs));
        return [name, JSON.parse(await port.request('GET', `/stalls?sinceMs=${sinceMs.toFixed(3)}`))];
      });
      const reported: [string, Stalled][] = [['generator', stalled], ...(await Promise.all(answers))];
      const last = reported.flatMap(([by, { stalls }]) => stalls.map((stall) => ({ by, stall })));
      // A process that was not killed reports again what `keep` has read.
      const keyOf = ({ by, stall: { process, fromMs } }: Reported) => `${by} ${process} ${fromMs}`;
      const each = [...new Map([...kept, ...last].map((one) => [keyOf(one), one])).values()];
      return {
        all: each.map(onLabClock).filter(({ untilMs }) => untilMs > startedAtMs),
        incomplete: reported.flatMap(([process, { complete }]) => (complete ? [] : process)),
      };
    },
  };
}
