import { expect, test } from 'vitest';
import { applicationFaults } from '#downstream/faults/config.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { inFlightChart } from '#lab/show/section/in-flight.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';

const chart = (result: Result) => inFlightChart(result)?.text.replaceAll('\u00a0', ' ') ?? '';

test('inFlightChart draws the knee that the model of all variants has', () => {
  expect(chart(makeResult())).toMatch(/<\/svg>knee 25\b/);
  const fixed = { downstream: { model: { kind: 'fixed', latencyMs: 1, failureRatio: 0 } } };
  const result = pick(makeResult(), 'rpc-bulkhead-16', 'events-16');
  expect(chart(alter(result, 'events-16', { config: fixed }))).not.toContain('knee');
});

test('inFlightChart draws no knee that a fault moves, and that of all replicas together', () => {
  const result = pick(makeResult(), 'rpc-bulkhead-16');
  const { config } = result.variants[0]!;
  const took = { fromMs: 1, untilMs: 2 };
  const fault = { name: 'f', target: 'downstream', onPath: true, asked: took, took };
  const brownout = { ...fault, state: applicationFaults.brownout.state };
  expect(chart(alter(result, 'rpc-bulkhead-16', { faults: [brownout] }))).not.toContain('knee');
  const replicas = { downstream: 3 };
  expect(chart(alter(result, 'rpc-bulkhead-16', { config: { ...config, replicas } }))).toMatch(
    /<\/svg>knee 75\b/,
  );
});

test('inFlightChart is logarithmic if the peak is far above the knee', () => {
  expect(chart(pick(makeResult(), 'rpc-nothing'))).toContain('logarithmic');
  expect(chart(pick(makeResult(), 'rpc-bulkhead-16'))).not.toContain('logarithmic');
});
