import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished, vi } from 'vitest';

/** Creates a folder that is removed when the test is over. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Returns a function that creates folders, for concurrent tests, too. Removes all after the file's last test. */
export function folders(): () => string {
  let all: string;
  beforeAll(() => {
    all = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  });
  afterAll(() => rmSync(all, { recursive: true }));
  return () => mkdtempSync(join(all, 'run-'));
}

/** Uses a folder of its own for temporary files until the test is over, and returns it. */
export function ownTmpdir(): string {
  const folder = testFolder();
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}
