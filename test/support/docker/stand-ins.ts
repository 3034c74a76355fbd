import { join } from 'node:path';
import { docker, succeeds } from './command.ts';
import { NoDocker } from './daemon.ts';
import { canMakeRoot, rootImage } from './root.ts';
import { pinned } from './versions.ts';

const images = { node: 'NODE_IMAGE', nats: 'NATS_IMAGE', prometheus: 'PROMETHEUS_IMAGE' } as const;

/**
 * Makes a stand-in for each pinned image that this machine lacks, and gives it the name of the image. If no stand-in
 * can be made, pulls the image. Resolves with a function that removes these names, so that no stand-in is mistaken for
 * the real image. Rejects with NoDocker.
 */
export async function standIns(folder: string, say: (text: string) => void): Promise<() => Promise<void>> {
  const made: string[] = [];
  for (const [target, variable] of Object.entries(images)) {
    const name = pinned(variable);
    if (await isThere(name)) continue;
    if (canMakeRoot()) {
      await build(target, name, await rootImage(folder, say));
      made.push(name);
    } else await pull(name);
  }
  return async () => {
    if (made.length > 0) await docker('rmi', ...made);
  };
}

const pull = (name: string): Promise<unknown> =>
  docker('pull', '--quiet', name).catch((cause) => {
    throw new NoDocker(
      `there is no image ${name}, and a stand-in needs root and debootstrap: ${cause.message}`,
      {
        cause,
      },
    );
  });

/** Resolves with true if the image exists and is not a leftover stand-in. */
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
