import { expect, test } from 'vitest';
import { controlApp } from '#kit/http/control.ts';
import { createLog } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { strict } from '#kit/schema/schema.ts';
import { configParser } from '#kit/schema/valid-parts.ts';

test('controlApp counts each call that changes something, and none that is refused or only reads', async () => {
  const app = controlApp(
    {
      metrics: new Metrics(),
      unready: () => undefined,
      config: { current: () => ({}), parse: configParser(strict({})), apply: () => undefined },
      control: (app) => app.delete('/faults/:name', () => []),
    },
    createLog('test', 'silent'),
  );
  const call = (method: 'GET' | 'PUT' | 'DELETE', url: string, body?: object) =>
    app.inject({ method, url, ...(body && { body }) });
  await call('PUT', '/config', {});
  await call('PUT', '/config', { unknown: 1 });
  await call('GET', '/config');
  await call('DELETE', '/faults/slow');
  await call('DELETE', '/nowhere');
  const { body } = await call('GET', '/metrics?name[]=spillway_control_changes_total');
  expect(body.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([
    'spillway_control_changes_total{resource="config"} 1',
    'spillway_control_changes_total{resource="faults"} 1',
  ]);
});
