import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '#kit/clock.ts';
import type { DeliveryReport, Outcome } from '#kit/wire.ts';
import type { RunCommand } from '#load/commands.ts';
import type { Completions } from '#load/completions.ts';
import { thisProcess } from '#load/generator.ts';
import type { Report } from '#load/protocol.ts';
import { run } from '#load/run.ts';
import { httpConnections } from '#load/sending/http-connections.ts';
import type { serve } from '#test/support/http-server.ts';
import { until } from '#test/support/until.ts';

/** Creates a source of completions. The test sends a completion by `say`. */
export function fakeCompletions() {
  const listeners = new Set<(report: DeliveryReport) => void>();
  const completions: Completions = {
    async listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {},
  };
  const say = (report: DeliveryReport) => {
    for (const listener of listeners) listener(report);
  };
  return { completions, say, listeners };
}

/** Offers 20 requests, 1 ms apart, to a server. `command` has fields that replace these defaults. */
export function offer(
  { url, address }: Awaited<ReturnType<typeof serve>>,
  command: Partial<RunCommand> = {},
  completions?: Completions,
  clock: Clock = systemClock,
) {
  const folder = mkdtempSync(join(tmpdir(), 'run-'));
  const recordFile = join(folder, 'record.csv');
  const connections = httpConnections([address], command.connections ?? 20);
  onTestFinished(() => {
    connections.close();
    rmSync(folder, { recursive: true });
  });
  const reports: Report[] = [];
  const stop = new AbortController();
  const summary = run(
    {
      path: completions ? 'event' : 'rpc',
      url,
      connections: 20,
      seed: 1,
      deadlineMs: 60_000,
      drainMs: 60_000,
      classes: {},
      recordFile,
      load: [{ arrivals: { kind: 'bursts', total: 20, size: 20, everyMs: 20, spreadMs: 20 } }],
      ...command,
    },
    { clock, connections, completions, report: (report) => reports.push(report), host: thisProcess },
    stop.signal,
  );
  /** Returns the fields of each line of the record, in the order of the requests' indices. */
  const lines = () =>
    readFileSync(recordFile, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','))
      .sort((a, b) => Number(a[0]) - Number(b[0]));
  /** Waits until the run reports exactly these outcomes, then stops it. */
  const stopAt = async (outcomes: Partial<Record<Outcome, number>>) => {
    await until(() => {
      const last = reports.findLast(({ report }) => report === 'progress');
      return last?.report === 'progress' && isDeepStrictEqual(last.outcomes, outcomes);
    });
    stop.abort();
  };
  return { summary, lines, reports, stop, stopAt };
}
