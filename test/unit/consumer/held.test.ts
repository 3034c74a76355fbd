import type { JsMsg } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { Held } from '#consumer/held.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

/** Messages that note what is done to them, and when. */
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
  const held = new Held(clock);
  held.begin(ackWaitMs);
  return { clock, seen, message, held };
}

test('Held gives a sign of life every third of the ack wait, for what it holds and nothing else', async () => {
  const { clock, seen, message, held } = rig();
  const [a, b] = [message('a'), message('b')];
  held.add(a);
  held.add(b);
  await clock.advance(1999);
  expect(seen).toEqual(['a works at 1000', 'b works at 1000']);
  held.delete(a);
  await clock.advance(1);
  expect(seen.slice(2)).toEqual(['b works at 2000']);
  expect(held.size).toBe(1);
});

test('Held.giveBack waits first, with signs of life, then gives back and holds no longer', async () => {
  const { clock, seen, message, held } = rig();
  const a = message('a');
  held.add(a);
  void held.giveBack(a, 1500);
  await clock.advance(5000);
  expect(seen).toEqual(['a works at 1000', 'a nak at 1500']);
  expect(held.size).toBe(0);
});

test('Held.giveBack leaves the wait to the server on request, in whole ms, and holds no longer', async () => {
  const { clock, seen, message, held } = rig();
  const a = message('a');
  held.add(a);
  void held.giveBack(a, 12.4, 'server');
  await clock.advance(5000);
  expect(seen).toEqual(['a nak in 12 ms at 0']);
  expect(held.size).toBe(0);
});

test('Held.hurry ends the waits and those to come, and signs of life go on for what is worked on', async () => {
  const { clock, seen, message, held } = rig();
  const [waiting, working, late] = [message('waiting'), message('working'), message('late')];
  for (const one of [waiting, working, late]) held.add(one);
  void held.giveBack(waiting, 1500);
  await clock.advance(100);
  held.hurry();
  await clock.advance(0);
  void held.giveBack(late, 1500);
  await clock.advance(1000);
  expect(seen).toEqual(['waiting nak at 100', 'late nak at 100', 'working works at 1000']);
});

test('Held.begin gives a sign of life at once and at the new pace, and waits are waits again', async () => {
  const { clock, seen, message, held } = rig();
  const [working, waiting] = [message('working'), message('waiting')];
  held.add(working);
  held.hurry();
  await clock.advance(900);
  held.begin(1500);
  held.add(waiting);
  void held.giveBack(waiting, 200);
  await clock.advance(500);
  expect(seen).toEqual(['working works at 900', 'waiting nak at 1100', 'working works at 1400']);
  expect(clock.pending).toBe(1);
});

test('Held.stop leaves no timer', async () => {
  const { clock, seen, message, held } = rig();
  held.add(message('a'));
  await clock.advance(1000);
  held.stop();
  expect(clock.pending).toBe(0);
  await clock.advance(5000);
  expect(seen).toEqual(['a works at 1000']);
});
