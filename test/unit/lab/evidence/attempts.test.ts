import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attemptsLine, forgottenLine } from '#kit/wire.ts';
import { fillAttempts } from '#lab/evidence/attempts.ts';
import { Requests } from '#lab/evidence/requests.ts';
import { testFolder } from '#test/support/folder.ts';

function counted(...lines: string[]): string {
  const file = join(testFolder(), 'attempts.ndjson');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

test('fillAttempts takes what downstream counted where the caller said nothing', async () => {
  const requests = new Requests(4);
  requests.attempts[0] = 2;
  const lines = [
    ['r0', 3],
    ['r1', 3],
    ['r3', 1],
    ['r9', 1],
    ['w2', 5],
  ] as const;
  await fillAttempts(requests, counted(...lines.map(([id, attempts]) => attemptsLine({ id, attempts }))));
  expect([...requests.attempts]).toEqual([2, 3, 0, 1]);
});

test('fillAttempts leaves requests unknown that are not in a list with ids forgotten', async () => {
  const requests = new Requests(3);
  await fillAttempts(requests, counted(forgottenLine, attemptsLine({ id: 'r1', attempts: 3 })));
  expect([...requests.attempts]).toEqual([Number.NaN, 3, Number.NaN]);
});

test('fillAttempts refuses what is something else', async () => {
  await expect(fillAttempts(new Requests(1), counted('<html>'))).rejects.toThrow(
    /expected attempts, got <html>/,
  );
});
