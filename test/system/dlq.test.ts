import { Command, CommanderError } from '@commander-js/extra-typings';
import { jetstream } from '@nats-io/jetstream';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { countMessages, ensureStreams } from '#kit/broker/broker.ts';
import { deadLetterSubject } from '#kit/broker/names.ts';
import { addDlq } from '#lab/cli/dlq.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { testFolder } from '#test/support/folder.ts';
import { withNats } from '#test/support/nats.ts';
import { runHere } from '#test/support/run-here.ts';
import { startSpillway } from '#test/support/spillway.ts';
import { until } from '#test/support/until.ts';

const nats = withNats();

/** Creates `count` dead letters, a third of them for a timeout. Returns functions that run the command `dlq`. */
async function dead(count: number) {
  const broker = await nats.fresh();
  await ensureStreams(broker);
  for (let i = 0; i < count; i++) {
    const headers = natsHeaders();
    headers.set('Spillway-Id', `r${i}`);
    headers.set('Spillway-Reason', i % 3 === 2 ? 'timeout' : 'failed');
    headers.set('Spillway-Attempts', '4');
    headers.set('Spillway-First-Error', 'Error: \u001b[2J');
    headers.set('Spillway-Last-Error', 'Error: last');
    await jetstream(broker).publish(deadLetterSubject({ seq: i + 1, time: new Date() }), `{"id":"r${i}"}`, {
      headers,
    });
  }
  const folder = testFolder();
  const url = ['--url', `nats=${nats.url}`];
  const dlq = (...args: string[]) => dlqHere(...args, ...url);
  return {
    dlq,
    /** Starts the command `dlq` as a process. */
    start: (...args: string[]) => startSpillway(['dlq', ...args, ...url], { folder }),
    json: async (...args: string[]) => JSON.parse((await dlq(...args, '--json')).stdout),
    counts: () => countMessages(broker),
  };
}

/** Runs the command `dlq` in this process, with flags that are parsed as in `main.ts`. */
const dlqHere = (...args: string[]) =>
  runHere(async () => {
    const program = new Command().exitOverride();
    addDlq(program);
    await program.parseAsync(['dlq', ...args], { from: 'user' }).catch((error) => {
      if (!(error instanceof CommanderError)) throw error;
      process.exitCode = exitCodes.badInput;
    });
    const code = Number(process.exitCode);
    process.exitCode = undefined;
    return code;
  });

describe('dlq ls', () => {
  test('lists dead letters, as JSON with their bodies', async () => {
    const { dlq, json } = await dead(3);
    const listed = await dlq('ls', '--reason', 'failed');
    expect([listed.code, listed.stderr]).toEqual([0, '']);
    expect(listed.stdout).toMatch(
      /^1 +r0 +failed +4 +0 +\d+ m?s +Error: \\u001b\[2J → Error: last\n2 +r1 .*\n\n2 dead letters: 2 failed\n$/m,
    );
    const { letters } = await json('ls');
    expect(letters).toMatchObject([
      { id: 'r0' },
      { id: 'r1' },
      { id: 'r2', reason: 'timeout', sequence: 3, ageMs: expect.any(Number), body: '{"id":"r2"}' },
    ]);
    expect((await json('ls', '--id', 'r2')).letters).toHaveLength(1);
  });

  test('says that there is nothing, and ends with 1 where there is no broker', async () => {
    const { dlq } = await dead(0);
    expect(await dlq('ls')).toMatchObject({ code: 0, stdout: 'No dead letters.\n' });
    await nats.kill();
    const away = await dlq('ls');
    expect([away.code, away.stderr.split('\n').length]).toEqual([1, 2]);
    expect(away.stderr).toContain('is the testbed up?');
  });
});

describe('dlq redrive', () => {
  test('refuses ids that are unknown, and changes nothing', async () => {
    const { dlq, counts } = await dead(3);
    const { code, stderr } = await dlq('redrive', '--id', 'r1', 'r8', '--id', 'r9');
    expect([code, stderr]).toEqual([104, 'no dead letters of r8, r9: list those that exist with dlq ls\n']);
    expect(await counts()).toEqual([0, 3]);
  });

  test('skips a dead letter that no stream would take, says so, and ends with 1', async () => {
    const { dlq, json, counts } = await dead(2);
    const headers = natsHeaders();
    headers.set('Spillway-Subject', 'nobody.listens');
    const subject = deadLetterSubject({ seq: 9, time: new Date() });
    await jetstream(await nats.connect()).publish(subject, '{}', { headers });
    const { code, stdout, stderr } = await dlq('redrive');
    expect([code, await counts()]).toEqual([1, [2, 1]]);
    expect(stdout).toContain('1 left as dead letters');
    expect(stderr).toMatch(/^Skipped letter#3: .*nobody\.listens/);
    expect(await json('redrive')).toMatchObject({ redriven: [], skipped: [{ id: 'letter#3' }], left: [] });
  });

  test('sends those chosen', async () => {
    const { dlq, json, counts } = await dead(7);
    expect((await dlq('redrive', '--reason', 'timeout')).stdout).toMatch(
      /^2 events redriven in [\d.]+ ms\.\n$/,
    );
    expect(await counts()).toEqual([2, 5]);
    const all = await json('redrive');
    expect(all).toMatchObject({ redriven: ['r0', 'r1', 'r3', 'r4', 'r6'], left: [], failure: null });
    expect(await counts()).toEqual([7, 0]);
    expect(await dlq('redrive')).toMatchObject({ code: 0, stdout: 'No dead letters.\n' });
  });

  test('ends with 105 on Ctrl-C, with nothing half-done, and says how far it came', async () => {
    const { start, counts } = await dead(100);
    const redriving = start('redrive', '--rate', '5', '--json');
    await until(async () => (await counts())[0] > 2, 'it is under way');
    redriving.interrupt();
    const { code, stdout, stderr } = await redriving.ended();
    expect([code, stderr]).toEqual([105, 'Interrupted between two dead letters: none is half done.\n']);
    const { redriven, left, interrupted } = JSON.parse(stdout);
    expect([redriven.length + left.length, interrupted]).toEqual([100, true]);
    expect(await counts()).toEqual([redriven.length, left.length]);
  });

  test('that is killed and repeated sends every event once', async () => {
    const { dlq, start, counts } = await dead(300);
    const redriving = start('redrive', '--rate', '100');
    await until(async () => (await counts())[0] > 20, 'it is under way');
    process.kill(-redriving.child.pid!, 'SIGKILL');
    await redriving.ended();
    const whole = ['redrive', '--rate', '100000'];
    await Promise.all([start(...whole).ended(), dlq(...whole)]);
    expect(await counts()).toEqual([300, 0]);
  });
});

describe('dlq purge', () => {
  test('deletes those chosen, with --yes', async () => {
    const { dlq, json, counts } = await dead(4);
    const refused = await dlq('purge');
    expect(refused).toMatchObject({ code: 104, stderr: expect.stringMatching(/^expected --yes/) });
    expect(await counts()).toEqual([0, 4]);
    expect((await dlq('purge', '--yes', '--reason', 'timeout')).stdout).toBe('1 dead letter deleted.\n');
    expect(await json('purge', '--yes', '--limit', '2')).toEqual({ purged: 2, left: 0, failure: null });
    expect(await counts()).toEqual([0, 1]);
  });
});
