import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeLogins, makeSecret } from '#kit/broker/login.ts';

/** Creates missing secrets in the folders of `root`. Returns the files that it has written. */
export function makeSecrets(root: string): string[] {
  const { common, consumer, authorization } = makeLogins();
  const folders = {
    spillway: { 'control-token': makeSecret() },
    broker: { credentials: common, 'consumer-credentials': consumer, 'authorization.conf': authorization },
    grafana: { 'grafana-password': makeSecret() },
  };
  return Object.entries(folders).flatMap(([folder, texts]) => writeMissing(join(root, folder), texts));
}

/**
 * Writes all files again if one is missing, since they belong together. Renames each complete file, so that a reader
 * never sees a partial one.
 */
function writeMissing(folder: string, texts: Readonly<Record<string, string>>): string[] {
  const files = Object.entries(texts).map(([name, text]) => ({ file: join(folder, name), text }));
  if (files.every(({ file }) => existsSync(file))) return [];
  for (const { file, text } of files) {
    // A process that was killed before the rename has left a read-only `.part` file.
    rmSync(`${file}.part`, { force: true });
    // Readable for all users, since each container runs as another user.
    writeFileSync(`${file}.part`, `${text}\n`, { mode: 0o444 });
  }
  for (const { file } of files) renameSync(`${file}.part`, file);
  return files.map(({ file }) => file);
}
