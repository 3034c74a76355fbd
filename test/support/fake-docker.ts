import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { testFolder } from './folder.ts';

/** Writes a shell script as an executable file. */
export const program = (file: string, script: string): void =>
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** Puts a `docker` with this script first on the PATH until the test is over. Returns its folder. */
export function fakeDocker(script: string, folder = testFolder()): string {
  program(join(folder, 'docker'), script);
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}
