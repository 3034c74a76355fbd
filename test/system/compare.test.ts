import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { overRounds } from '#lab/analysis/over-rounds.ts';
import { makeRound } from '#test/fixtures/rounds.ts';
import { marker, spillway } from '#test/support/marked.ts';

/** Writes a run of five rounds with a variant of this goodput. */
function write(name: string, plain: number): string {
  const folder = join(marker, name);
  mkdirSync(folder);
  const rounds = [0, 0.01, 0.02, 0.03, 0.04].map((more, i) => makeRound(7 + i, { plain: plain + more }));
  const result = overRounds(rounds, { command: '', durationMs: 0 });
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
  return folder;
}

test('compare --margin ends with 99 if a figure is worse by more, and with 104 if a margin is none', async () => {
  const [before, after] = [write('before', 0.9), write('after', 0.7)];
  expect(await spillway(['compare', before, after, '--margin', '5%']).ended()).toMatchObject({
    code: 99,
    stdout: expect.stringContaining('✗ Significantly worse by more than 5 %: goodput(plain)'),
  });
  expect(await spillway(['compare', before, after, '--margin=5']).ended()).toMatchObject({
    code: 104,
    stderr: expect.stringContaining('expected a share such as 5% or 0.05'),
  });
});
