import { expect, test } from 'vitest';
import { experimentText as edited, fault, refusal } from '#test/fixtures/experiment.ts';

test.each<[string, string[]]>([
  ['faults that touch', ['faults:', fault('one', 0, 50), fault('two', 50, 50)]],
  ['faults out of order', ['faults:', fault('one', 100, 50), fault('two', 0, 50)]],
  ['faults on different targets', ['faults:', fault('one', 0, 50), fault('two', 0, 50, 'nats')]],
  [
    'faults of answers of which something is left of each',
    [
      'classes: { slow: 0.5 }',
      'faults:',
      fault('one', 0, 100, 'downstream', 'kind: reset, ratio: 0.5'),
      fault('two', 0, 100, 'downstream', 'kind: hang, ratio: 0.5'),
      fault('three', 0, 100, 'downstream', 'kind: slow-body, ms: 5, class: slow, ratio: 0.5'),
      fault('four', 200, 100, 'downstream', 'kind: reset'),
      fault('five', 200, 100, 'downstream', 'kind: hang, class: slow'),
      fault('six', 200, 100, 'downstream', 'kind: failure'),
    ],
  ],
  [
    'a consumer that is deleted and can come back',
    [
      'faults:',
      fault('gone', 0, 100, 'nats', 'kind: consumer-deleted'),
      fault('away', 0, 50, 'consumer'),
      fault('far', 0, 500, 'consumer->nats', 'kind: latency, latencyMs: 5'),
      fault('narrow', 0, 500, 'consumer->nats', 'kind: bandwidth, kilobytesPerSecond: 1'),
    ],
  ],
  [
    'a consumer that is deleted while one of its replicas is there',
    [
      'replicas: { consumer: 2 }',
      'faults:',
      fault('gone', 0, 100, 'nats', 'kind: consumer-deleted'),
      fault('one', 50, 100, 'consumer-1'),
    ],
  ],
  ['a fault until the end of the drain', ['faults:', fault('one', 0, 10_160)]],
])('check takes %s', (_what, more) => {
  expect(refusal(edited({}, ...more), []).actual).toEqual([]);
});
