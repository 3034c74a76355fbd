import type { RunStatus } from '#downstream/config.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import { phaseSpans } from '#load/phases.ts';
import type { Progress } from '#load/protocol.ts';
import type { Control } from './control.ts';

const everyMs = 250;
const leaseMs = 5000;
const patienceMs = 1000;

type RunState = Omit<RunStatus, 'leaseMs' | 'phase'> & { readonly phase?: string | undefined };

type Counted = Omit<Progress, 'lags'>;

export type Announcement = ReturnType<typeof announceTo>;

/**
 * Announces the state of the run to downstream four times a second, so that downstream's metrics show it to viewers.
 * Ignores errors. `downstream` is the client of downstream's control port. `stop` closes it.
 */
export function announceTo(downstream: Pick<Control, 'request' | 'close'>, clock: Clock) {
  const stopped = new AbortController();
  let state: RunState | undefined;
  let phases: ReturnType<typeof phaseSpans> = [];
  const change = (to: Partial<RunState>) => {
    if (state) state = { ...state, ...to };
  };
  const request = (method: 'PUT' | 'DELETE', body?: object) =>
    downstream.request(method, '/run', body, patienceMs).catch(() => undefined);
  const repeat = async ({ signal }: AbortController) => {
    while (!signal.aborted) {
      if (state) await request('PUT', { ...state, leaseMs });
      await sleep(everyMs, clock, signal).catch(() => undefined);
    }
  };
  const ended = repeat(stopped);
  return {
    begin({ variants, deadlineMs, load }: Experiment, name: string): void {
      phases = phaseSpans(load);
      const { path } = variants[name]!;
      state = { variant: name, path, deadlineMs, faults: [], offered: 0, ended: {} };
    },
    counted({ elapsedMs, offered, outcomes: { pending: _, ...ended }, latencies }: Counted): void {
      const phase = phases.find(({ span }) => elapsedMs >= span.fromMs && elapsedMs < span.untilMs);
      change({ offered, ended, latencies, phase: phase?.name });
    },
    faultsChanged(faults: readonly Fault[]): void {
      change({ faults: faults.map(({ name, target, fault }) => ({ name, target, kind: fault.kind })) });
    },
    /** Announces the end of the load. */
    over({ offered, outcomes, latencies }: Counted): void {
      change({ offered, ended: outcomes, latencies, phase: undefined });
    },
    async stop(): Promise<void> {
      stopped.abort();
      await ended;
      if (state) await request('DELETE');
      await downstream.close();
    },
  };
}
