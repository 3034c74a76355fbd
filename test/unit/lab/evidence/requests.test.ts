import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attemptsLine, forgottenLine } from '#kit/wire.ts';
import { belatedBeside, readEffects } from '#lab/evidence/effects.ts';
import { textFile } from '#lab/evidence/folder.ts';
import { fillAttempts, Requests, readRecord } from '#lab/evidence/requests.ts';
import { recordHeader } from '#load/protocol.ts';
import { testFolder } from '#test/support/folder.ts';

/** Reads a record with these lines, of a load of `size` requests. */
function recordOf(size: number, ...lines: string[]): Promise<Requests> {
  const file = join(testFolder(), 'requests.csv');
  writeFileSync(file, [recordHeader, ...lines, ''].join('\n'));
  return readRecord(textFile(file), size);
}

test('readRecord puts each request into its columns, regardless of the order in which they ended', async () => {
  const requests = await recordOf(3, '1,5,0.1,20.5,ok,200,2', '0,0,0.2,,unknown,0,0');
  expect([0, 1, 2].map((index) => requests.outcome(index))).toEqual(['unknown', 'ok', undefined]);
  expect([...requests.scheduledAtMs]).toEqual([0, 5, Number.NaN]);
  expect([...requests.latencyMs]).toEqual([Number.NaN, 20.5, Number.NaN]);
  expect([...requests.lagMs]).toEqual([0.2, 0.1, Number.NaN]);
  expect(requests).toMatchObject({ recorded: 2, strays: 0 });
  expect([...requests.completedMs()]).toEqual([20.5]);
});

test('Requests counts those scheduled in a span, begin included and end excluded, and those of them in a part', async () => {
  const lines = ['0,0,0,9,ok,200,1', '1,10,0,8,ok,200,1', '2,15,0,7,late,200,1', '3,20,0,6,ok,200,1'];
  const requests = await recordOf(5, ...lines);
  const span = { fromMs: 10, untilMs: 20 };
  expect(requests.count(span)).toMatchObject({ ok: 1, late: 1 });
  expect([...requests.completedMs(span)]).toEqual([7, 8]);
  const odd = { ...span, has: (index: number) => index % 2 === 1 };
  expect(requests.count(odd)).toMatchObject({ ok: 1, late: 0 });
  expect([...requests.completedMs(odd)]).toEqual([8]);
});

test('Requests counts the attempts for those scheduled in a span whose count is known, including 0', async () => {
  const lines = [
    '0,0,0,9,ok,200,9',
    '1,10,0,8,ok,200,3',
    '2,11,0,,rejected,503,0', // no attempt, since the breaker was open
    '3,12,0,,unknown,0,',
    '4,13,0,7,ok,200,', // the gateway reported no attempt count
    '5,14,0,7,failed,502,0', // the gateway reported that it made no attempt
    '6,20,0,6,ok,200,9',
  ];
  const requests = await recordOf(7, ...lines);
  expect(requests.attemptsIn({ fromMs: 10, untilMs: 20 })).toEqual({
    attempts: 3,
    reported: 3,
    unreported: 2,
  });
});

test('readRecord counts requests sent without an answer, whatever was reported later', async () => {
  const lines = ['0,0,0.2,,unknown,0,0', '1,0,0.2,9,ok,0,1', '2,0,0.2,9,ok,202,1', '3,0,,,unsent,0,0'];
  expect((await recordOf(4, ...lines)).unanswered).toBe(2);
});

test('readRecord counts what never left for want of a connection, and not what the generator held back', async () => {
  const lines = ['0,0,,1,failed,0,0', '1,0,,,dropped,0,0', '2,0,,,unsent,0,0', '3,0,0.2,9,failed,502,1'];
  expect(await recordOf(4, ...lines)).toMatchObject({ unconnected: 2, unanswered: 0 });
});

test('readRecord counts lines that belong to no request, or to one that has a line, as strays', async () => {
  const lines = ['0,0,0,1,ok,200,1', '0,0,0,1,late,200,1', '9,0,0,1,ok,200,1', '1,0,0,1,fine,200,1'];
  const requests = await recordOf(2, ...lines);
  expect(requests).toMatchObject({ recorded: 1, strays: 3 });
  expect(requests.outcome(0)).toBe('ok');
});

test.each(['0.5', '-1', '1e3'])(
  'readRecord refuses %s attempts, which are no whole number',
  async (attempts) => {
    await expect(recordOf(1, `0,0,0.2,9,ok,200,${attempts}`)).rejects.toThrow(
      /requests\.csv: record 2: expected index,scheduledAtMs/,
    );
  },
);

/** Reads an effect log with these lines, of a load of two requests. */
function effectsOf(...lines: object[]) {
  const file = join(testFolder(), 'effects.ndjson');
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return readEffects(textFile(file), 2);
}

test('readEffects keeps the first effect of a request, and counts the others, the wasted, the strays and those of the warm-up', async () => {
  const effects = await effectsOf(
    { id: 'r1', attempt: 1, atMs: 7, gone: false, duplicate: false },
    { id: 'r1', attempt: 2, atMs: 9, gone: true, duplicate: true },
    { id: 'w3', attempt: 1, atMs: 9, gone: true, duplicate: false },
    { id: 'x3', attempt: 1, atMs: 9, gone: false, duplicate: false },
    { id: 'r2', attempt: 1, atMs: 9, gone: false, duplicate: false },
  );
  expect(effects).toMatchObject({
    total: 5,
    distinct: 1,
    wasted: 1,
    belated: 1,
    belatedUntilMs: 9,
    strays: 2,
  });
  expect([...effects.firstAtMs]).toEqual([Number.NaN, 7]);
});

test('readEffects keeps the first effect of a request whose caller still waited', async () => {
  const effects = await effectsOf(
    { id: 'r0', attempt: 1, atMs: 7, gone: true, duplicate: false },
    { id: 'r0', attempt: 3, atMs: 9, gone: false, duplicate: true },
    { id: 'r0', attempt: 2, atMs: 8, gone: false, duplicate: true },
    { id: 'r1', attempt: 1, atMs: 7, gone: true, duplicate: false },
  );
  expect([...effects.firstAtMs]).toEqual([7, 7]);
  expect([...effects.answeredAtMs]).toEqual([8, Number.NaN]);
});

function counted(...lines: string[]): string {
  const file = join(testFolder(), 'attempts.ndjson');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

test('fillAttempts takes what downstream counted where the caller said nothing', async () => {
  const requests = new Requests(5);
  requests.attempts.set([2], 0);
  requests.attempts.set([0], 4);
  const lines = [
    ['r0', 3],
    ['r1', 3],
    ['r3', 1],
    ['r4', 1],
    ['r9', 1],
    ['w2', 5],
  ] as const;
  await fillAttempts(
    requests,
    textFile(counted(...lines.map(([id, attempts]) => attemptsLine(id, attempts)))),
  );
  expect([...requests.attempts]).toEqual([2, 3, 0, 1, 0]);
});

test('fillAttempts adds up what the replicas of downstream counted', async () => {
  const requests = new Requests(1);
  const line = attemptsLine('r0', 2);
  await fillAttempts(requests, textFile(counted(line, line)));
  expect([...requests.attempts]).toEqual([4]);
});

test('fillAttempts leaves requests unknown that are not in a list with ids forgotten', async () => {
  const requests = new Requests(3);
  await fillAttempts(requests, textFile(counted(forgottenLine, attemptsLine('r1', 3))));
  expect([...requests.attempts]).toEqual([Number.NaN, 3, Number.NaN]);
});

test('fillAttempts refuses what is something else', async () => {
  await expect(fillAttempts(new Requests(1), textFile(counted('<html>')))).rejects.toThrow(
    /expected attempts, got <html>/,
  );
});

test('belatedBeside counts what the warm-up still did only where some of it came with the load', () => {
  const effects = { belated: 5, belatedUntilMs: 100 };
  expect([100, 100.1].map((startedAtMs) => belatedBeside(effects, startedAtMs))).toEqual([5, 0]);
});
