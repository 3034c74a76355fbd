import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterMember, clusterText } from '#kit/broker/cluster.ts';
import { makeLogins, makeSecret } from '#kit/broker/login.ts';

/**
 * Creates missing secrets in the folders of `root`: for each server of a cluster also its configuration, since it
 * contains the password of the routes. Returns the files that it has written.
 */
export function makeSecrets(root: string, members: readonly ClusterMember[] = []): string[] {
  const { common, consumer, authorization } = makeLogins();
  const routeSecret = makeSecret();
  const servers = members.map((member) => [`${member.name}.conf`, serverText(member, routeSecret)]);
  const folders = {
    spillway: { 'control-token': makeSecret() },
    broker: {
      credentials: common,
      'consumer-credentials': consumer,
      'authorization.conf': authorization,
      ...Object.fromEntries(servers),
    },
    grafana: { 'grafana-password': makeSecret() },
  };
  return Object.entries(folders).flatMap(([folder, texts]) => writeMissing(join(root, folder), texts));
}

/** Returns the configuration of a server. Its folder replaces that of nats.conf, since the servers share a volume. */
const serverText = (member: ClusterMember, routeSecret: string): string => `include ../nats.conf
jetstream { store_dir: /data/${member.name}, sync_interval: $SYNC_INTERVAL }
${clusterText(member, routeSecret)}`;

/** Writes all files if one is missing, since they belong together. Renames them, so that no reader sees a part. */
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
