import { expect, test } from 'vitest';
import { exportFaults } from '#kit/fault/active-faults.ts';
import { Metrics } from '#kit/metrics.ts';

test('exportFaults exports what is in force at each scrape, and nothing of what was', async () => {
  const metrics = new Metrics();
  let active = [{ name: 'slow', target: 'downstream', kind: 'latency' }];
  exportFaults(metrics, () => active);
  const exported = async () => (await metrics.text()).split('\n').filter((line) => /^[^#]/.test(line));
  expect(await exported()).toEqual([
    'spillway_fault_active{fault="slow",target="downstream",kind="latency"} 1',
  ]);
  active = [];
  expect(await exported()).toEqual([]);
});
