import type { JsMsg } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { InFlight } from '#consumer/in-flight.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

/** Creates an `InFlight` on virtual time, and messages. `seen` records what they send to the broker, with the time. */
function rig(ackWaitMs = 3000) {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const message = (name: string) => {
    const note = (what: string) => () => seen.push(`${name} ${what} at ${clock.now()}`);
    return {
      working: note('works'),
      nak: (ms?: number) => note(ms === undefined ? 'nak' : `nak in ${ms} ms`)(),
    } as unknown as JsMsg;
  };
  const inFlight = new InFlight(clock);
  inFlight.begin(ackWaitMs);
  return { clock, seen, message, inFlight };
}

test('InFlight gives a sign of life every third of the ack wait, for the messages that it holds and no other', async () => {
  const { clock, seen, message, inFlight } = rig();
  const [a, b] = [message('a'), message('b')];
  inFlight.add(a);
  inFlight.add(b);
  await clock.advance(1999);
  expect(seen).toEqual(['a works at 1000', 'b works at 1000']);
  inFlight.delete(a);
  await clock.advance(1);
  expect(seen.slice(2)).toEqual(['b works at 2000']);
  expect(inFlight.size).toBe(1);
});

test('InFlight.giveBack waits first, with signs of life, then gives back and holds no longer', async () => {
  const { clock, seen, message, inFlight } = rig();
  const a = message('a');
  inFlight.add(a);
  void inFlight.giveBack(a, 1500);
  await clock.advance(5000);
  expect(seen).toEqual(['a works at 1000', 'a nak at 1500']);
  expect(inFlight.size).toBe(0);
});

test('InFlight.giveBack leaves the wait to the server on request, in whole ms, and holds no longer', async () => {
  const { clock, seen, message, inFlight } = rig();
  const a = message('a');
  inFlight.add(a);
  void inFlight.giveBack(a, 12.4, 'server');
  await clock.advance(5000);
  expect(seen).toEqual(['a nak in 12 ms at 0']);
  expect(inFlight.size).toBe(0);
});

test('InFlight.hurry ends current and later waits, and signs of life go on for messages in work', async () => {
  const { clock, seen, message, inFlight } = rig();
  const [waiting, working, late] = [message('waiting'), message('working'), message('late')];
  for (const one of [waiting, working, late]) inFlight.add(one);
  void inFlight.giveBack(waiting, 1500);
  await clock.advance(100);
  inFlight.hurry();
  await clock.advance(0);
  void inFlight.giveBack(late, 1500);
  await clock.advance(1000);
  expect(seen).toEqual(['waiting nak at 100', 'late nak at 100', 'working works at 1000']);
});
