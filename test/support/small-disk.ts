import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { Guard } from '#lab/world/process/guard.ts';
import { maySkip } from './may-skip.ts';

/**
 * Mounts a file system of `sizeKib` until the test is over. If mounting fails, skips the test with the reason, or
 * throws if no test may be skipped.
 */
export function smallDisk({ skip }: TestContext, sizeKib: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  const guard = new Guard();
  guard.folder(folder);
  // Registered before the mount, since this process may be killed as soon as the disk is mounted.
  guard.command(['umount', '--lazy', '--quiet', folder]);
  onTestFinished(() => guard.release());
  const { status, stderr, error } = spawnSync(
    'mount',
    ['-t', 'tmpfs', '-o', `size=${sizeKib}k`, 'tmpfs', folder],
    { encoding: 'utf8' },
  );
  const reason = `no small disk can be mounted here: ${error?.message ?? stderr.trim()}`;
  if (status !== 0 && !maySkip()) throw new Error(reason);
  skip(status !== 0, reason);
  return folder;
}
