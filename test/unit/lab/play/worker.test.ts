import { describe, expect, test } from 'vitest';
import { readAddress } from '#lab/play/address.ts';
import { playedExperiment } from '#lab/play/experiment.ts';
import type { Frame } from '#lab/play/frame.ts';
import { simulateVariant } from '#lab/play/worker.ts';
import { smallPlayable } from '#test/fixtures/playable.ts';

async function framesOf(differences: string, side: 'A' | 'B', realMs?: number, playable = smallPlayable) {
  const { setting } = readAddress(`#small&${differences}`, [playable]);
  const { experiment, names } = playedExperiment(setting);
  const frames: Frame[] = [];
  const listener = (more: readonly Frame[]) => void frames.push(...more);
  const never = new AbortController().signal;
  await simulateVariant(experiment, names[side], listener, never, realMs);
  return frames;
}

const endedIn = ({ inTime, late, failed, rejected, dead }: Frame) => inTime + late + failed + rejected + dead;

describe('simulateVariant', () => {
  test.each(['A', 'B'] as const)(
    'gives frames of side %s in which no count falls or is too high',
    async (side) => {
      const frames = await framesOf('spike@0.2=0.3x4', side);
      expect(frames.map(({ atMs }) => atMs)).toEqual(frames.map((_, index) => index * 10));
      for (const [index, frame] of frames.entries()) {
        const before = frames[index - 1] ?? frame;
        expect(endedIn(frame)).toBeLessThanOrEqual(frame.offered);
        for (const count of ['offered', 'inTime', 'attempts'] as const)
          expect(frame[count]).toBeGreaterThanOrEqual(before[count]);
      }
      expect(endedIn(frames.at(-1)!)).toBe(frames.at(-1)!.offered);
    },
  );

  test('shows calls of callers that have left, retries, waiters, breakers and faults', async () => {
    const frames = await framesOf('spike@0.2=0.3x6&bulkhead=9&queue=5&breaker=100&slow@0.3=0.2', 'A');
    const some = (isSo: (frame: Frame) => unknown) => frames.some(isSo);
    expect(some(({ inFlight }) => inFlight.abandoned > 0)).toBe(true);
    expect(some(({ inFlight }) => inFlight.retry > 0)).toBe(true);
    expect(some(({ waiting, slots }) => waiting > 0 && slots?.used === 9)).toBe(true);
    expect(some(({ breakers }) => breakers!.open === 1 && breakers!.refusingForMs! > 0)).toBe(true);
    expect(some(({ faults }) => faults[0] === 'slow')).toBe(true);
  });

  test('shows how a queue grows past the deadline', async () => {
    const frames = await framesOf('spike@0.2=0.3x6&B.consumer=1', 'B');
    expect(frames.some(({ queue }) => queue!.pastDeadline > 5 && queue!.oldestMs > 300)).toBe(true);
    expect(frames.some(({ slots }) => slots!.used === 1 && slots!.of === 1)).toBe(true);
  });

  test('stops a simulation in which no virtual time passes', async () => {
    const again = { retry: { maxRetries: 100, backoff: { kind: 'constant', delayMs: 0 } } };
    const downstream = { model: { kind: 'fixed', latencyMs: 0, failureRatio: 1 } };
    const { value } = smallPlayable;
    const variants = { calls: { path: 'rpc', policies: [again, again, again, again, again] } };
    const endless = {
      ...smallPlayable,
      names: { A: 'calls', B: 'calls' },
      value: { ...value, downstream, variants },
    };
    const message = /^it takes longer than 0\.2 s: stopped at \d(\.\d+)? s$/;
    await expect(framesOf('', 'A', 200, endless)).rejects.toThrow(message);
  });
});
