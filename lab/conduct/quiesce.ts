import { whilePaused } from '#consumer/config.ts';
import { readBacklog } from '#kit/broker/backlog.ts';
import { names } from '#kit/broker/names.ts';
import { sleep } from '#kit/clock.ts';
import type { MetricName } from '#kit/metrics.ts';
import type { Path } from '#kit/wire.ts';
import { total } from '#lab/evidence/samples.ts';
import { firstBroker } from '#lab/experiment/configs.ts';
import { type ServiceName, serviceNames } from '#lab/kit/topology/names.ts';
import { callers, hasPath } from '#lab/kit/topology/paths.ts';
import type { VariantTestbed } from './variant-testbed.ts';

type Waiting = Pick<VariantTestbed, 'experiment' | 'controls' | 'clock' | 'signal' | 'idleMaxMs'>;

/** Function that is called before each pause of a wait. `inFlight` is undefined while services recover. */
type OnWait = (giveUpAtMs: number, inFlight?: number) => void;

/**
 * Waits for downstream and its caller, for at most `idleMaxMs`. Resolves with the calls or attempts left, whichever are
 * more.
 */
export async function idle(open: Waiting, path: Path, onWait?: OnWait): Promise<number> {
  const inHand = async (service: ServiceName, name: MetricName) =>
    total(await open.controls[service].scrape([name]), name);
  const atWork = async (): Promise<number> => {
    const caller = callers[path];
    // The caller is read first: once it is idle, it makes no more calls. Downstream may still work on abandoned calls.
    const calls = await inHand(caller, callsInHand[caller]);
    return Math.max(calls, await inHand('downstream', 'spillway_work_in_flight'));
  };
  const isIdle = (left: number) => left === 0;
  return patiently(open, atWork, isIdle, (left, giveUpAtMs) => onWait?.(giveUpAtMs, left));
}

const callsInHand = {
  gateway: 'spillway_requests_in_flight',
  consumer: 'spillway_deliveries_in_flight',
} as const;

/**
 * Waits until services are ready or paused, and the broker answers, without which they refuse configurations; for at most
 * `idleMaxMs`.
 */
export async function recovered(
  open: Waiting & Pick<VariantTestbed, 'broker'>,
  onWait?: OnWait,
): Promise<unknown> {
  // A service that has not yet noticed that a fault closed its connection would still report that it is ready.
  await sleep(pauseMs, open.clock, open.signal);
  const needed = hasPath(open.experiment, 'event') ? serviceNames : (['downstream', 'gateway'] as const);
  const messageOf = ({ message }: Error) => message;
  const reasonsAgainst = () =>
    Promise.all([
      ...needed.flatMap((name) =>
        Array.from(open.controls[name].processes.values(), (each) => each.unready().catch(messageOf)),
      ),
      brokerAnswers(open).catch(messageOf),
    ]);
  const areFine = (reasons: readonly unknown[]) =>
    reasons.every((reason) => reason === undefined || reason === whilePaused);
  return patiently(open, reasonsAgainst, areFine, (_, giveUpAtMs) => onWait?.(giveUpAtMs));
}

/** Maximum wait for the answer of a leader, before asking again. */
const leaderMs = 1000;

/** Resolves when the broker answers. Of several servers, the cluster, each stream and the consumer must have a leader. */
async function brokerAnswers({
  broker,
  experiment,
}: Pick<VariantTestbed, 'broker' | 'experiment'>): Promise<void> {
  if (firstBroker(experiment).servers === 1) return broker.flush();
  await readBacklog(broker);
  const { consumers, streams } = await broker.manager(leaderMs);
  await consumers.info(names.stream, names.consumer);
  // Only the leader of the cluster answers this.
  for await (const _ of streams.names(names.subject)) break;
}

const pauseMs = 50;

/** Repeats a query until `isFine` accepts its answer, but for at most `idleMaxMs`. Resolves with the last answer. */
async function patiently<T>(
  { clock, experiment, signal, idleMaxMs = experiment.drainMs }: Waiting,
  ask: () => Promise<T>,
  isFine: (answer: T) => boolean,
  onWait: (answer: T, giveUpAtMs: number) => void,
): Promise<T> {
  const giveUpAtMs = clock.now() + idleMaxMs;
  for (;;) {
    const answer = await ask();
    if (isFine(answer) || clock.now() > giveUpAtMs) return answer;
    onWait(answer, giveUpAtMs);
    await sleep(pauseMs, clock, signal);
  }
}
