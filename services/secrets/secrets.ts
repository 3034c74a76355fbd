import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeLogins, makeSecret } from '#kit/broker/login.ts';

export interface Folders {
  /** `control-token`, for the services and their clients. */
  readonly control: string;
  /** `credentials` and `consumer-credentials`, as user:password, and `authorization.conf`, both in the broker's own words. */
  readonly broker: string;
  /** `grafana-password`. */
  readonly grafana: string;
}

/** Creates missing secrets. Returns the files that it wrote. */
export function makeSecrets({ control, broker, grafana }: Folders): string[] {
  const { common, consumer, authorization } = makeLogins();
  return [
    ...writeMissing(control, { 'control-token': makeSecret() }),
    ...writeMissing(broker, {
      credentials: common,
      'consumer-credentials': consumer,
      'authorization.conf': authorization,
    }),
    ...writeMissing(grafana, { 'grafana-password': makeSecret() }),
  ];
}

/** Writes all files or none: they belong together, and a reader must never see half of one. */
function writeMissing(folder: string, texts: Readonly<Record<string, string>>): string[] {
  const files = Object.entries(texts).map(([name, text]) => ({ file: join(folder, name), text }));
  if (files.every(({ file }) => existsSync(file))) return [];
  for (const { file, text } of files) {
    // A process killed before the rename leaves a read-only `.part` file.
    rmSync(`${file}.part`, { force: true });
    // Readable for all users, since each container runs as another one.
    writeFileSync(`${file}.part`, `${text}\n`, { mode: 0o444 });
  }
  for (const { file } of files) renameSync(`${file}.part`, file);
  return files.map(({ file }) => file);
}
