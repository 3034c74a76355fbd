import { describe, expect, test } from 'vitest';
import { sleep } from '#kit/clock.ts';
import { clockId } from '#kit/process/clock-id.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { LoadAgent } from '#lab/world/agents/load-agent.ts';
import { agentSubject, discoverySubject, labSubject, leaseMs } from '#lab/world/agents/nats.ts';

const session = '11111111-aaaa';
const other = '22222222-bbbb';

/** Creates an agent on a connection without a network. `ask` sends it a request and resolves with the answer. */
function agent() {
  const clock = new VirtualClock();
  const takers = new Map<string, (error: null, message: unknown) => void>();
  const published: [string, unknown][] = [];
  const said: string[] = [];
  const slowStop = { ms: 0 };
  const generators: { sent: object[]; isStopped: boolean; onLine: (line: string) => void }[] = [];
  const it = new LoadAgent({
    id: 'x',
    name: 'left',
    clock,
    version: '1.0.0',
    say: (line) => said.push(line),
    connection: {
      subscribe(subject: string, options: { callback: never }) {
        takers.set(subject, options.callback);
        return undefined as never;
      },
      publish: (subject: string, data: unknown) => void published.push([subject, JSON.parse(String(data))]),
    },
    connect(onLine) {
      const generator = { sent: [] as object[], isStopped: false, onLine };
      generators.push(generator);
      return {
        lost: new Promise(() => undefined),
        send: (line) => void generator.sent.push(JSON.parse(line)),
        async stop() {
          generator.isStopped = true;
          if (slowStop.ms > 0) await sleep(slowStop.ms, clock);
        },
      };
    },
  });
  const askAt = (subject: string, request: unknown): Promise<object> =>
    new Promise((resolve) => {
      const message = {
        string: () => JSON.stringify(request),
        respond: (text: string) => resolve(JSON.parse(text)),
      };
      takers.get(subject)!(null, message);
    });
  const ask = (request: object) => askAt(agentSubject('x'), { session, ...request });
  const claim = (by: object = {}) => ask({ do: 'claim', lab: 'lab on a', version: '1.0.0', ...by });
  const presence = () => askAt(discoverySubject, '');
  return { it, clock, ask, claim, presence, published, said, generators, slowStop };
}

const done = { receivedMs: expect.any(Number), answeredMs: expect.any(Number), clockId };

describe('LoadAgent', () => {
  test('introduces itself, with the lab for which it works', async () => {
    const { presence, claim } = agent();
    expect(await presence()).toMatchObject({ id: 'x', name: 'left', version: '1.0.0' });
    expect(await presence()).not.toHaveProperty('lab');
    await claim();
    expect(await presence()).toMatchObject({ lab: 'lab on a' });
  });

  test('refuses a lab of another version, and names both', async () => {
    const { claim, presence } = agent();
    expect(await claim({ version: '2.0.0' })).toEqual({
      refused: 'it runs Spillway 1.0.0, and this lab 2.0.0',
    });
    expect(await presence()).not.toHaveProperty('lab');
  });

  test('refuses a second lab while it works for the first, and names the first', async () => {
    const { claim, ask } = agent();
    expect(await claim()).toEqual(done);
    expect(await claim({ session: other, lab: 'lab on b' })).toEqual({
      refused: 'it works for the lab on a',
    });
    expect(await ask({ do: 'open', session: other })).toEqual({ refused: 'it no longer works for this lab' });
    await ask({ do: 'release' });
    expect(await claim({ session: other, lab: 'lab on b' })).toEqual(done);
  });

  test('passes commands to its generator without the file of the record, and reports to the lab', async () => {
    const { claim, ask, generators, published } = agent();
    await claim();
    await ask({ do: 'open' });
    await ask({ do: 'send', line: '{"do":"run","recordFile":"/etc/passwd","seed":1}' });
    expect(generators[0]!.sent).toEqual([{ do: 'run', seed: 1 }]);
    generators[0]!.onLine('{"report":"ready"}');
    expect(published).toEqual([[labSubject(session, 'x'), { line: '{"report":"ready"}' }]]);
  });

  test('starts a new generator for each testbed, and reports nothing of the old one', async () => {
    const { claim, ask, generators, published } = agent();
    await claim();
    await ask({ do: 'open' });
    await ask({ do: 'open' });
    expect(generators.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    generators[0]!.onLine('{"report":"progress"}');
    expect(published).toEqual([]);
    await ask({ do: 'close' });
    expect(generators[1]!.isStopped).toBe(true);
  });

  test('is free again when its lab was silent for the lease, and no sooner', async () => {
    const { claim, ask, clock, generators, presence, said } = agent();
    await claim();
    await ask({ do: 'open' });
    await clock.advance(leaseMs - 1);
    await ask({ do: 'renew' });
    await clock.advance(leaseMs - 1);
    expect(generators[0]!.isStopped).toBe(false);
    await clock.advance(1);
    expect(generators[0]!.isStopped).toBe(true);
    expect(await presence()).not.toHaveProperty('lab');
    expect(said.at(-2)).toBe('has received nothing from the lab on a for 5 s, and stops its work');
    expect(clock.pending).toBe(0);
  });

  test('end stops the generator, tells the lab why, and leaves no timer', async () => {
    const { claim, ask, it, generators, published, clock } = agent();
    await claim();
    await ask({ do: 'open' });
    await it.end('it left');
    expect(generators[0]!.isStopped).toBe(true);
    expect(published).toEqual([[labSubject(session, 'x'), { ended: 'it left' }]]);
    expect(clock.pending).toBe(0);
  });

  test('refuses what is no request', async () => {
    const { ask } = agent();
    expect(await ask({ do: 'jump' })).toEqual({
      refused: expect.stringContaining('unknown do "jump", expected one of'),
    });
  });
});

test('LoadAgent answers each request with the times at which it came and was carried out, by its own clock', async () => {
  const { claim, ask, clock, slowStop } = agent();
  await claim();
  await ask({ do: 'open' });
  await clock.advance(7);
  slowStop.ms = 30;
  const closing = ask({ do: 'close' });
  await clock.advance(30);
  expect(await closing).toEqual({ receivedMs: 7, answeredMs: 37, clockId });
});
