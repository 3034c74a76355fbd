import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';

/** A file system of so many KiB, gone when the test is over. Skips the test, with the reason, where none can be mounted. */
export function smallDisk({ skip }: TestContext, sizeKib: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { status, stderr, error } = spawnSync(
    'mount',
    ['-t', 'tmpfs', '-o', `size=${sizeKib}k`, 'tmpfs', folder],
    { encoding: 'utf8' },
  );
  const refusal = error?.message ?? stderr.trim();
  skip(status !== 0, `no small disk can be mounted here: ${refusal}`);
  onTestFinished(() => void spawnSync('umount', ['--lazy', folder]));
  return folder;
}
