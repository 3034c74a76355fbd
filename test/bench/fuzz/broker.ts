import { jetstream } from '@nats-io/jetstream';
import { type MsgHdrs, headers as natsHeaders } from '@nats-io/transport-node';
import { countMessages, isStreamFull } from '#kit/broker/broker.ts';
import { deadLetterHeaders } from '#kit/broker/dead-letter.ts';
import { deadLetterSubject, names } from '#kit/broker/names.ts';
import type { NatsBroker } from '#kit/broker/nats.ts';
import { sleep, systemClock } from '#kit/clock.ts';
import { type DeliveryReport, finishedSubject, headers } from '#kit/wire.ts';
import { readDeadLetters } from '#lab/world/dead-letters.ts';
import { redrive } from '#lab/world/redrive.ts';
import type { Draws } from './draws.ts';
import type { Findings } from './findings.ts';

const drainedWithinMs = 60_000;
const headerNames = [...Object.values(deadLetterHeaders), ...Object.values(headers), 'Nats-Msg-Id', 'Other'];

/** Connections to the broker. Only the consumer's login may publish completions. */
interface Logins {
  readonly common: NatsBroker;
  readonly consumer: NatsBroker;
}

/**
 * Publishes events, dead letters and completions with mistakes, and redrives the dead letters. The consumer must
 * complete or dead-letter every event.
 */
export async function fuzzBroker(
  { common, consumer }: Logins,
  count: number,
  draws: Draws,
  findings: Findings,
): Promise<void> {
  const client = jetstream(common);
  for (let left = count; left > 0; left--) {
    findings.inputs += 1;
    const body = draws.chance(0.3)
      ? draws.bytes(50_000)
      : Buffer.from(JSON.stringify(draws.mistaken({ id: 'r1', payload: 1 })) ?? '');
    const kind = draws.below(4);
    if (kind === 0) consumer.publish(finishedSubject, reportOf(draws));
    else if (kind === 1) await client.publish(letterSubject(draws), body, { headers: headersOf(draws) });
    else
      await client.publish(names.subject, body, { headers: headersOf(draws) }).catch((error) => {
        if (!isStreamFull(error)) throw error;
      });
  }
  await consumer.flush();
  await drained(common, findings);
  await redriveAll(common, findings);
  await drained(common, findings);
}

function reportOf(draws: Draws): string | Buffer {
  const report: DeliveryReport = {
    id: `r${draws.below(100)}`,
    outcome: draws.one(['ok', 'dead', 'redelivered'] as const),
    delivery: 1 + draws.below(3),
    redrives: draws.below(2),
    attempts: 1,
  };
  const text = JSON.stringify(draws.mistaken(report)) ?? '';
  return draws.chance(0.3) ? draws.garbled(text) : text;
}

const letterSubject = (draws: Draws): string =>
  draws.chance(0.7)
    ? deadLetterSubject({ seq: 1 + draws.below(1e6), time: new Date(draws.below(2 ** 31) * 1000) })
    : `dlq.${names.stream}.${draws.text().replaceAll(/[\s.*>\0]|[^\x20-\x7e]/g, '') || 'x'}`;

function headersOf(draws: Draws): MsgHdrs {
  const all = natsHeaders();
  while (draws.chance(0.6)) {
    const value = draws.chance(0.3) ? String(draws.value(0)) : draws.text();
    // The client library refuses to send line breaks.
    all.append(draws.one(headerNames), value.replaceAll(/[\r\n]/g, ' '));
  }
  return all;
}

async function redriveAll(broker: NatsBroker, findings: Findings): Promise<void> {
  const letters = await readDeadLetters(broker);
  const { left, failure } = await redrive(broker, letters, {
    ratePerSecond: 1_000_000,
    clock: systemClock,
    signal: AbortSignal.timeout(drainedWithinMs),
  });
  if (left.length > 0)
    findings.add('unfinished redrives', 'dlq', failure ?? `${left.length} letters are left`);
}

async function drained(broker: NatsBroker, findings: Findings): Promise<void> {
  const lateAtMs = systemClock.now() + drainedWithinMs;
  for (;;) {
    const [work] = await countMessages(broker);
    if (work === 0) return;
    if (systemClock.now() > lateAtMs) {
      findings.add('answers too late', 'consumer', `${work} events are still in the stream`);
      return;
    }
    await sleep(50, systemClock);
  }
}
