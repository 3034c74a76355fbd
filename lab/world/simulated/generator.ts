import type { WorkRequest } from '#kit/http/request.ts';
import type { Store } from '#lab/evidence/store.ts';
import type { LoadGenerator } from '#lab/world/generator.ts';
import type { Report } from '#load/protocol.ts';
import { type CommandParts, type Host, run } from '#load/run.ts';

interface GeneratorParts extends Pick<CommandParts<WorkRequest>, 'clock' | 'connections' | 'completions'> {
  readonly store: Pick<Store, 'createRecord'>;
  /** Called before the listener of the run. */
  readonly started: (atMs: number) => void;
}

/** Returns a load generator in virtual time. */
export function simulatedGenerator({ store, started, ...parts }: GeneratorParts): LoadGenerator {
  const stop = new AbortController();
  // Its use of CPU and memory says nothing about a real one.
  const host: Host = {
    createRecord: async (_file, planned) => store.createRecord(planned),
    cpuMs: () => 0,
    rssPeakBytes: () => 0,
  };
  return {
    // Virtual time has no cold code or connections.
    warm: async () => ({ unfinished: 0, firstErrors: {} }),
    run(command, listeners = {}) {
      const report = (report: Report) => {
        if (report.report === 'started') {
          started(report.startedAtMs);
          listeners.started?.(report.startedAtMs);
        }
        if (report.report === 'progress') listeners.progress?.(report);
      };
      return run(command, { ...parts, report, host }, stop.signal);
    },
    cancel() {}, // no pace is too fast in virtual time
    stop: async () => stop.abort(),
  };
}
