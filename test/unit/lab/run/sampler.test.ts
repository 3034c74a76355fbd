import { expect, test } from 'vitest';
import { sleep } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import type { Samples } from '#lab/control/samples.ts';
import type { Of } from '#lab/evidence/format.ts';
import { sampleUntil } from '#lab/run/sampler.ts';
import { alone, replicated } from './controls.ts';

type Answer = Samples | Error;
type Sample = Omit<Of<'sample'>, 'record'>;

/** Samples until the signal aborts, and resolves with what was recorded. */
async function samplesOf(
  ...of: Parameters<typeof sampleUntil> extends [...infer P, unknown] ? P : never
): Promise<Sample[]> {
  const samples: Sample[] = [];
  await sampleUntil(...of, ({ record: _, ...sample }) => samples.push(sample));
  return samples;
}

const downstreamSays = (inFlight: number): Samples => new Map([['spillway_work_in_flight', inFlight]]);

/** What a gateway and a consumer say, each count another one. */
const said: Samples = new Map([
  ['spillway_retries_total', 1],
  ['spillway_breaker_state', 2],
  ['spillway_bulkhead_queued', 3],
  ['spillway_stream_messages', 4],
  ['spillway_dead_letter_messages', 5],
]);

interface Rig {
  readonly path?: 'rpc' | 'event';
  /** By the time of asking. */
  readonly downstream?: (atMs: number) => Answer;
  readonly caller?: (atMs: number) => Answer;
  /** How long every answer takes. */
  readonly takesMs?: number;
}

/** Sampling every 50 ms on virtual time; `asked` is who was asked for what, and with how much patience. */
function rig({ path = 'rpc', downstream = downstreamSays, caller = () => said, takesMs = 0 }: Rig = {}) {
  const clock = new VirtualClock();
  const ending = new AbortController();
  const asked: string[] = [];
  const control = (name: string, answer: (atMs: number) => Answer) => ({
    async scrape(names: readonly string[], withinMs: number): Promise<Samples> {
      asked.push(`${name} ${withinMs} ${names.join(' ')}`);
      const answered = answer(clock.now());
      await sleep(takesMs, clock);
      if (answered instanceof Error) throw answered;
      return answered;
    },
  });
  const other = () => new Error('this one is not on the path');
  const controls = {
    downstream: control('downstream', downstream),
    gateway: control('gateway', path === 'rpc' ? caller : other),
    publisher: control('publisher', other),
    consumer: control('consumer', path === 'event' ? caller : other),
  };
  const samples = samplesOf(ending.signal, path, alone(controls), 50, clock);
  return { clock, asked, samples, end: () => ending.abort() };
}

/** The samples of so many ms. */
async function sampled(ms: number, of: Rig = {}): Promise<Sample[]> {
  const { clock, samples, end } = rig(of);
  await clock.advance(ms);
  end();
  await clock.run();
  return samples;
}

test.each([
  [0, 49, [0]],
  [0, 50, [0, 50]],
  [0, 101, [0, 50, 100]],
  [5, 109, [0, 55]],
  [5, 110, [0, 55, 110]],
])(
  'sampleUntil with answers after %d ms has in %d ms samples of %j, by when it asked',
  async (takesMs, ms, expected) => {
    const samples = await sampled(ms, { takesMs });
    expect(samples.map(({ atMs }) => atMs)).toEqual(expected);
    expect(samples.map(({ inFlight }) => inFlight)).toEqual(expected);
  },
);

test('sampleUntil ends at once when it is told to while it waits, without one more sample', async () => {
  const { clock, asked, samples, end } = rig();
  await clock.advance(20);
  end();
  expect((await samples).map(({ atMs }) => atMs)).toEqual([0]);
  expect(clock.pending).toBe(0);
  expect(asked).toHaveLength(2);
});

test('sampleUntil takes the answers that are on their way when it is told to end as its last sample', async () => {
  const { clock, samples, end } = rig({ takesMs: 5 });
  await clock.advance(57);
  end();
  await clock.run();
  expect((await samples).map(({ atMs, inFlight }) => [atMs, inFlight])).toEqual([
    [0, 0],
    [55, 55],
  ]);
});

test.each([
  ['rpc', { retries: [1], breaker: 2, backlog: 3, dead: 0 }],
  ['event', { retries: [1], breaker: 2, backlog: 4, dead: 5 }],
] as const)('sampleUntil on %s takes each figure from the one who has it', async (path, expected) => {
  expect(await sampled(0, { path, downstream: () => downstreamSays(9) })).toEqual([
    { atMs: 0, inFlight: 9, ...expected },
  ]);
});

test.each([
  ['rpc', 'gateway 250 spillway_retries_total spillway_breaker_state spillway_bulkhead_queued'],
  [
    'event',
    'consumer 250 spillway_retries_total spillway_breaker_state spillway_stream_messages spillway_dead_letter_messages',
  ],
] as const)(
  'sampleUntil on %s asks both at the same time, for no more than it takes',
  async (path, caller) => {
    const { clock, asked, end } = rig({ path, takesMs: 5 });
    expect(asked).toEqual(['downstream 250 spillway_work_in_flight', caller]);
    end();
    await clock.run();
  },
);

const gone = () => new Error('it does not answer');
const unknown = { retries: [null], breaker: null, backlog: null };

test.each<[string, Rig, Partial<Sample>]>([
  ['downstream does not answer', { downstream: gone }, { inFlight: null, retries: [1], backlog: 3, dead: 0 }],
  ['the gateway does not answer', { caller: gone }, { inFlight: 0, ...unknown, dead: 0 }],
  ['the consumer does not answer', { path: 'event', caller: gone }, { ...unknown, dead: null }],
  ['the caller counts nothing', { caller: () => new Map() }, { inFlight: 0, ...unknown }],
  [
    'the caller does not know the backlog',
    { path: 'event', caller: () => new Map([...said, ['spillway_stream_messages', Number.NaN]]) },
    { retries: [1], backlog: null, dead: 5 },
  ],
])('sampleUntil leaves a gap where %s, and only there', async (_what, of, expected) => {
  expect((await sampled(0, of))[0]).toMatchObject(expected);
});

test('sampleUntil goes on when one who did not answer does again', async () => {
  const downstream = (atMs: number) => (atMs === 50 ? gone() : downstreamSays(atMs));
  const samples = await sampled(100, { downstream });
  expect(samples.map(({ inFlight }) => inFlight)).toEqual([0, null, 100]);
});

test('sampleUntil takes of several processes sums where all answer, the highest of those who do, and the retries of each', async () => {
  const clock = new VirtualClock();
  const ending = new AbortController();
  const silent = async () => Promise.reject(gone());
  const caller = (retries: number, breaker: number) => async (): Promise<Samples> =>
    new Map([
      ['spillway_retries_total', retries],
      ['spillway_breaker_state', breaker],
      ['spillway_bulkhead_queued', 4],
    ]);
  const downstream = async () => downstreamSays(6);
  const controls = replicated({
    downstream: { 'downstream-1': { scrape: downstream }, 'downstream-2': { scrape: downstream } },
    gateway: {
      'gateway-1': { scrape: caller(1, 2) },
      'gateway-2': { scrape: silent },
      'gateway-3': { scrape: caller(3, 1) },
    },
  });
  const samples = samplesOf(ending.signal, 'rpc', controls, 50, clock);
  ending.abort();
  await clock.run();
  expect(await samples).toEqual([
    { atMs: 0, inFlight: 12, retries: [1, null, 3], breaker: 2, backlog: null, dead: 0 },
  ]);
});
