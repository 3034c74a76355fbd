import type { Calls } from './http.ts';

const work = { id: 'r1', payload: { a: [1, 'x'] } };

/** Calls that traffic ports accept. */
export const traffic: Readonly<Record<'gateway' | 'publisher' | 'downstream', Calls>> = {
  gateway: [['POST', '/rpc', work]],
  publisher: [['POST', '/events', work]],
  downstream: [['POST', '/work', work]],
};

const policies = [
  { retry: { maxRetries: 3, backoff: { kind: 'exponential', jitter: 'full', baseMs: 20, capMs: 400 } } },
  { breaker: { window: { kind: 'count', size: 20 }, failures: 8, openMs: 500 } },
  { bulkhead: { concurrency: 40, queue: 1000 } },
  { timeout: { ms: 120 } },
];

const common: Calls = [
  ['GET', '/healthz'],
  ['GET', '/readyz'],
  ['GET', '/config'],
  ['GET', '/metrics?name[]=spillway_requests_total'],
];

/** Calls that control ports accept. */
export const control: Readonly<
  Record<'gateway' | 'publisher' | 'consumer' | 'downstream' | 'netproxy', Calls>
> = {
  gateway: [...common, ['PUT', '/config', { policies }]],
  publisher: [...common, ['PUT', '/config', { publishTimeoutMs: 500, stream: { maxPending: 500 } }]],
  consumer: [
    ...common,
    ['PUT', '/config', { concurrency: 4, ackWaitMs: 1000, policies, redelivery: { maxRetries: 2 } }],
  ],
  downstream: [
    ...common,
    ['PUT', '/config', { model: { kind: 'fixed', latencyMs: 5, failureRatio: 0.1 }, idempotent: false }],
    ['PUT', '/config', { model: { kind: 'congestion', capacityRps: 250 } }],
    ['PUT', '/config', { model: { kind: 'queue', servers: 4, serviceMs: 5 } }],
    ['GET', '/faults'],
    ['PUT', '/faults/f', { leaseMs: 1000, fault: { kind: 'failure', ratio: 0.5 } }],
    ['PUT', '/faults/g', { leaseMs: 1000, fault: { kind: 'latency', added: { kind: 'fixed', ms: 20 } } }],
    ['DELETE', '/faults/f'],
    ['GET', '/effects'],
    ['DELETE', '/effects'],
  ],
  netproxy: [
    ['GET', '/version'],
    ['GET', '/proxies'],
    ['POST', '/proxies', { name: 'x', listen: '127.0.0.1:0', upstream: '127.0.0.1:1', enabled: true }],
    ['POST', '/populate', [{ name: 'x', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' }]],
    ['POST', '/proxies/x', { listen: '127.0.0.1:0', upstream: '127.0.0.1:1', enabled: false }],
    ['GET', '/proxies/x'],
    [
      'POST',
      '/proxies/x/toxics',
      {
        name: 't',
        type: 'latency',
        stream: 'upstream',
        toxicity: 0.5,
        attributes: { latency: 5, jitter: 2 },
      },
    ],
    ['POST', '/proxies/x/toxics', { type: 'bandwidth', attributes: { rate: 10 } }],
    ['POST', '/proxies/x/toxics/t', { toxicity: 0.7, attributes: { latency: 8 } }],
    ['DELETE', '/proxies/x/toxics/t'],
    ['DELETE', '/proxies/x'],
    ['POST', '/reset'],
  ],
};
