import { join } from 'node:path';
import { docker, succeeds } from '#test/support/docker/command.ts';
import { rootImage } from './root.ts';
import { pinned } from './versions.ts';

const images = { node: 'NODE_IMAGE', nats: 'NATS_IMAGE', prometheus: 'PROMETHEUS_IMAGE' } as const;

/**
 * Gives each pinned image that is not on this machine a stand-in under its name. Resolves with what removes those names
 * again, so that nobody takes them for the real ones; what they are made of stays. Rejects with NoDocker.
 */
export async function standIns(folder: string, say: (text: string) => void): Promise<() => Promise<void>> {
  const made: string[] = [];
  for (const [target, variable] of Object.entries(images)) {
    const name = pinned(variable);
    if (await isThere(name)) continue;
    await build(target, name, await rootImage(folder, say));
    made.push(name);
  }
  return async () => {
    if (made.length > 0) await docker('rmi', ...made);
  };
}

/** Not counting a stand-in that was left behind. */
async function isThere(name: string): Promise<boolean> {
  if (!(await succeeds(docker('image', 'inspect', name)))) return false;
  const label = '{{index .Config.Labels "spillway.stand-in"}}';
  return (await docker('image', 'inspect', '--format', label, name)).trim() !== 'true';
}

async function build(target: string, name: string, root: string): Promise<void> {
  const folder = import.meta.dirname;
  const args = ['--quiet', '--target', target, '--tag', name, '--build-arg', `ROOT=${root}`];
  await docker('build', ...args, '--file', join(folder, 'stand-ins.Dockerfile'), folder);
}
