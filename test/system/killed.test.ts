import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test, vi } from 'vitest';
import { commandLineOf, marker, survivors } from '#test/support/marked.ts';
import { smallDisk } from '#test/support/small-disk.ts';
import { startVitest } from '#test/support/vitest.ts';

const hasDisk = () => readFileSync('/proc/mounts', 'utf8').includes(marker);
const hasProgram = () => survivors().some((pid) => /own\/gateway\.ts/.test(commandLineOf(pid)));

/** Kills the tests of a file when something is there; resolves when nothing of theirs is left. */
async function killed(name: string, pattern: string, isThere: () => boolean): Promise<void> {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const vitest = startVitest({ folder: marker, file, test: pattern });
  const patience = { timeout: 50_000 };
  await vi.waitUntil(isThere, patience);
  vitest.kill('SIGTERM');
  await vi.waitUntil(() => survivors().length === 0 && !hasDisk(), patience);
}

test('tests that are killed leave no small disk mounted', async (context) => {
  smallDisk(context, 64); // skips where none can be
  await killed('full-disk.test.ts', 'path rpc', hasDisk);
});

test("tests that are killed leave no program of a user's beside the testbed", async () => {
  await killed('attach.test.ts', "in the gateway's place", hasProgram);
});
