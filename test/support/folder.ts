import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

/** A folder that is removed when the test is over. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes folders for a file's tests, all gone after the last of them: concurrent tests can't say which of them has ended. */
export function folders(): () => string {
  let all: string;
  beforeAll(() => {
    all = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  });
  afterAll(() => rmSync(all, { recursive: true }));
  return () => mkdtempSync(join(all, 'run-'));
}
