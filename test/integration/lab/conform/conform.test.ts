import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#kit/clock.ts';
import { Bench } from '#lab/conform/bench.ts';
import { type Answer, examine, type Question } from '#lab/conform/examine.ts';
import { type FactName, facts } from '#lab/conform/facts.ts';
import { renderConformityPage } from '#lab/conform/page.ts';
import { sequenceLines } from '#lab/conform/sequence.ts';
import { changesSince } from '#lab/conform/terminal.ts';
import { labProgram } from '#lab/world/process/programs.ts';
import { askClientThread } from '#lab/world/simulated/client/thread.ts';
import type { Fixture } from '#test/fixtures/clients/fixtures.ts';
import type { Asked, Verdicts } from '#test/fixtures/clients/thread.ts';

/** Flawed clients, with the fact that shows the flaw. */
const wrong: readonly (readonly [FactName, Fixture])[] = [
  ['trials', { kind: 'gate', flaw: 'admits-everyone' }],
  ['excess', { kind: 'gate', flaw: 'wakes-all-waiters' }],
  ['stragglers', { kind: 'full', flaw: 'trusts-old-answers' }],
  ['stuckTrial', { kind: 'gate', flaw: 'waits-for-its-trial' }],
  ['refusals', { kind: 'full', flaw: 'counts-refusals' }],
  ['limitedWork', { kind: 'full', flaw: 'frees-busy-slots' }],
  ['cancellation', { kind: 'full', flaw: 'drops-signals' }],
  ['cancelledWait', { kind: 'full', flaw: 'sleeps-through' }],
  ['neighbours', { kind: 'full', flaw: 'shares-its-signal' }],
  ['spread', { kind: 'full', flaw: 'keeps-in-step' }],
  ['retryAfter', { kind: 'full', flaw: 'ignores-hints' }],
  ['amplification', { kind: 'retry', flaw: 'never-stops' }],
  ['hedges', { kind: 'hedge', flaw: 'never-stops' }],
  ['errors', { kind: 'full', flaw: 'rewrites-errors' }],
  ['leaks', { kind: 'full', flaw: 'keeps-listening' }],
  ['defaults', { kind: 'full', flaw: 'has-no-patience' }],
  ['idempotence', { kind: 'full', flaw: 'repeats-orders' }],
];

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../fixtures/clients/${name}`, import.meta.url));

describe('examine', () => {
  test('finds nothing unsafe in a right client, and shows each fact by calls', {
    timeout: 300_000,
  }, async () => {
    const conformity = await examine(fixture('right.ts'));
    expect(conformity.isVirtual).toBe(true);
    expect(conformity.facts.filter(({ verdict }) => verdict === 'unsafe')).toEqual([]);
    const { scenarios } = conformity.facts.find(({ name }) => name === 'trials')!;
    expect(sequenceLines(scenarios[0]!.sequence).map(([, event]) => event)).toContain(
      '49 × call refused without an attempt',
    );
    expect(changesSince(conformity, conformity)).toEqual([]);
    expect(renderConformityPage('Facts', [conformity], '')).toContain('Timeline of');
  });

  test.each([
    [
      'without a function',
      'fixtures',
      /fixtures\.ts: .* expected the module to export a function as default/,
    ],
    ['that is never ready', 'never-opens', /never-opens\.ts: virtual time stands still at 0 s/],
  ])('refuses a module %s', { timeout: 60_000 }, async (_, name, message) => {
    await expect(examine(fixture(`${name}.ts`))).rejects.toThrow(message);
  });

  test('takes timers that keep no process alive for none left', async () => {
    const question = {
      ...{ path: fixture('impatient.ts'), isVirtual: true, limitMs: 1e9, known: {} },
      fact: { name: 'leaks' as const, scenario: 0 },
    };
    const leaks = await askClientThread<Question, Answer>(labProgram('conform-thread'), question);
    expect(leaks.text).toBe('nothing');
  });

  test.each([true, false])('says why a module cannot be loaded, virtual time: %s', async (isVirtual) => {
    const question = { path: fixture('missing.ts'), isVirtual, limitMs: 60_000, known: {} };
    const asked = askClientThread<Question, Answer>(labProgram('conform-thread'), question);
    await expect(asked).rejects.toMatchObject({
      name: 'client',
      message: expect.stringMatching(/^the client can't be loaded: .*missing\.ts/),
    });
  });
});

describe('conform', () => {
  let verdicts: readonly Verdicts[];
  const right = wrong.map(([fact, { kind }]) => [fact, { kind: kind === 'retry' ? 'full' : kind }] as const);

  beforeAll(async () => {
    const fixtures = [...wrong, ...right].map(([fact, fixture]) => ({ fact, fixture }));
    verdicts = await askClientThread<Asked, Verdicts[]>(fixture('thread.ts'), { fixtures });
  }, 300_000);

  test.each(wrong.map(([fact, { flaw }], index) => ({ fact, flaw, index })))(
    'finds $fact unsafe for a client that $flaw, and safe for a right one',
    ({ index }) => {
      const [flawed, sound] = [verdicts[index]!, verdicts[wrong.length + index]!];
      expect(flawed.map(({ verdict }) => verdict)).toContain('unsafe');
      expect(sound.map(({ verdict }) => verdict)).toContain('safe');
      expect(sound.map(({ verdict }) => verdict)).not.toContain('unsafe');
    },
  );
});

describe('a client with sockets of its own, beside a busy loop', () => {
  const known = {
    attempts: 3,
    delaysMs: [500, 1000],
    areDelaysExact: true,
    isTimeoutExact: true,
    timeoutMs: null,
    limit: null,
    queues: false,
    breaker: null,
  };
  const timeout = 120_000;
  let loop: Worker;
  const ask = (client: string, asked: Pick<Question, 'discovery' | 'fact'>) =>
    askClientThread<Question, Answer>(labProgram('conform-thread'), {
      ...{ path: fixture(`packages/${client}.ts`), isVirtual: false, limitMs: 60_000, known },
      ...asked,
    });

  beforeAll(() => {
    loop = new Worker('for (;;);', { eval: true });
  });
  afterAll(() => loop.terminate());

  test.concurrent.each(['got', 'ky', 'undici', 'axios-retry'])(
    '%s has no limit',
    { timeout },
    async (client) => {
      expect((await ask(client, { discovery: 'limit' })).found).toEqual({ limit: null, queues: false });
    },
  );

  test('a Retry-After of a day is what takes too long', async () => {
    const waiting = facts.retryAfter.scenarios[1]!(new Bench(systemClock, -1), known);
    await expect(waiting).rejects.toThrow(/^a day: takes too long in real time$/);
  });

  test('got has no breaker', { timeout }, async () => {
    expect((await ask('got', { discovery: 'breaker' })).found).toEqual({ breaker: null });
  });

  test.concurrent.each([
    ['undici', 'spread', 0, 'unsafe'],
    ['undici', 'retryAfter', 2, 'unsafe'],
    ['undici', 'cancellation', 1, 'safe'],
    ['got', 'cancelledWait', 0, 'safe'],
    ['ky', 'idempotence', 0, 'safe'],
    ['axios-retry', 'errors', 0, 'safe'],
    ['../fetch', 'leaks', 0, 'safe'],
    ['axios-retry', 'amplification', 0, 'unsafe'],
  ] as const)('%s: %s %i is %s, or not measured', { timeout }, async (client, name, scenario, verdict) => {
    const answer = await ask(client, { fact: { name, scenario } });
    expect([verdict, 'unknown']).toContain(answer.verdict);
  });
});
