import { attemptsOf } from '#downstream/attempts.ts';
import { ApplicationFaultOptions } from '#downstream/faults/config.ts';
import { requestsOf } from '#gateway/requests.ts';
import { faultCalls } from '#kit/fault/leased-faults.ts';
import { createLog } from '#kit/log.ts';
import { exportStart, Metrics } from '#kit/metrics.ts';
import { simulatedCallers, upstreamOver } from './calls.ts';
import type { SimulatedEffects } from './effects.ts';
import type { Hop } from './hop.ts';
import type { Machine, SimulatedProcess } from './process.ts';

const metricsOf = ({ startedAtMs }: Machine): Metrics => {
  const metrics = new Metrics();
  exportStart(metrics, startedAtMs);
  return metrics;
};

export type Downstream = ReturnType<typeof startDownstream>;

/** Starts downstream in a simulated process. The effects are its log file, which outlives the process. */
export function startDownstream(machine: Machine, initial: unknown, effects: SimulatedEffects) {
  const { clock, halt } = machine;
  const metrics = metricsOf(machine);
  const log = createLog('downstream', 'silent');
  const attempts = attemptsOf({ metrics, log, effects, clock, initial, halt }, simulatedCallers);
  const { leased } = attempts.faults;
  return {
    begin: attempts.begin,
    closing: () => leased.clear(),
    idle: attempts.idle,
    control: {
      metrics,
      config: attempts.config,
      unready: () => undefined,
      routes: {
        ...faultCalls({ fault: ApplicationFaultOptions }, leased),
        'DELETE /effects': () => {
          effects.clear();
          attempts.numbering.clear();
        },
        // Ignores the announcements of the run, since a simulation has no viewers.
        'PUT /run': () => undefined,
        'DELETE /run': () => undefined,
      },
      streams: { '/effects': () => effects.read() },
    },
  };
}

/** Starts a gateway in a simulated process. It calls the processes of downstream over a hop. */
export function startGateway(
  machine: Machine,
  initial: unknown,
  downstream: readonly SimulatedProcess<Downstream>[],
  hop: Hop,
) {
  const { clock } = machine;
  const metrics = metricsOf(machine);
  const upstream = upstreamOver({ ...machine, hop }, downstream);
  const { serve, config } = requestsOf({ metrics, upstream, clock, initial });
  const unready = () =>
    downstream.some(({ isListening }) => isListening) ? undefined : 'downstream does not answer';
  const nothing = async () => undefined;
  return { serve, closing: nothing, idle: nothing, control: { metrics, config, unready } };
}
