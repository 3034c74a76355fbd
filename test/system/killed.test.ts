import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { commandLineOf, marker, survivors } from '#test/support/marked.ts';
import { smallDisk } from '#test/support/small-disk.ts';
import { startVitest } from '#test/support/vitest.ts';

const hasDisk = () => readFileSync('/proc/mounts', 'utf8').includes(marker);
const hasProgram = () => survivors().some((pid) => /own\/gateway\.ts/.test(commandLineOf(pid)));

/** Kills the tests of a file when something is there; resolves when nothing of theirs is left. */
async function killed(
  name: string,
  pattern: string,
  isThere: () => boolean,
  path = process.env.PATH,
): Promise<void> {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const vitest = startVitest({ folder: marker, file, test: pattern, path });
  const patience = { timeout: 50_000 };
  await vi.waitUntil(isThere, patience);
  vitest.kill('SIGTERM');
  const left = () => [...survivors().map(commandLineOf), ...(hasDisk() ? ['a disk'] : [])];
  await vi.waitFor(() => expect(left()).toEqual([]), patience);
}

test('tests that are killed leave no small disk mounted', async (context) => {
  smallDisk(context, 64); // skips where none can be
  await killed('full-disk.test.ts', 'path rpc', hasDisk);
});

test("tests that are killed leave no program of a user's beside the testbed", async () => {
  await killed('attach.test.ts', "a user's own gateway", hasProgram);
});

test('killed tests leave no containers, and no process that starts more', async () => {
  const asked = join(marker, 'asked');
  const docker = `#!/bin/sh
echo "$*" >>${asked}
case "$*" in *' build') exec sleep 60 ;; esac
`;
  writeFileSync(join(marker, 'docker'), docker, { mode: 0o755 });
  const has = (words: RegExp) => existsSync(asked) && words.test(readFileSync(asked, 'utf8'));
  const path = `${marker}:${process.env.PATH}`;
  await killed('compose/refusals.test.ts', 'pinned version', () => has(/ build$/m), path);
  expect(has(/^compose --project-name spillway-test-\d+-0 down --volumes /m)).toBe(true);
});
