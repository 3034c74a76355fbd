import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { findExecutable } from '#lab/world/local/commands.ts';
import { command, docker, succeeds } from './command.ts';

const packages = ['nats-server', 'prometheus', 'ca-certificates', 'busybox'];
const certificates = '/etc/ssl/certs/ca-certificates.crt';
/** Folders of the root file system that no container needs. */
const needless = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'];

/** True for root with debootstrap: only root may create a root file system. */
export const canMakeRoot = (): boolean =>
  process.getuid?.() === 0 && findExecutable('debootstrap') !== undefined;

/**
 * Builds the image of a root file system: Debian's packages, this Node, and npm with the machine's settings for
 * registries and certificates. Reuses an image of the same content.
 */
export async function rootImage(folder: string, say: (text: string) => void): Promise<string> {
  const registry = (await command('npm', ['config', 'get', 'registry'])).trim();
  // npm's executable is a link to npm/bin/npm-cli.js.
  const npm = dirname(dirname(realpathSync(findExecutable('npm')!)));
  const npmrc = `cafile=${certificates}\nregistry=${registry}\n`;
  const content = [
    process.version,
    packages,
    npmrc,
    readFileSync(certificates),
    readFileSync(import.meta.filename),
  ];
  const hash = createHash('sha256').update(content.join('\n')).digest('hex').slice(0, 12);
  const image = `spillway-stand-in:${hash}`;
  if (await succeeds(docker('image', 'inspect', image))) return image;
  say('makes stand-ins for the images, out of Debian packages …');
  const older = (await docker('images', '--quiet', 'spillway-stand-in')).split('\n').filter(Boolean);
  if (older.length > 0) await docker('rmi', '--force', ...older);
  mkdirSync(folder, { recursive: true });
  const root = mkdtempSync(join(folder, 'root-'));
  try {
    await debootstrap(root);
    for (const path of needless) rmSync(join(root, path), { recursive: true, force: true });
    cpSync(process.execPath, join(root, 'usr/local/bin/node'));
    cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
    symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
    cpSync(certificates, join(root, certificates));
    writeFileSync(join(root, 'usr/local/etc/npmrc'), npmrc);
    await command('sh', ['-c', 'tar -C "$1" -c . | docker import - "$2"', 'sh', root, image]);
  } finally {
    rmSync(root, { recursive: true });
  }
  return image;
}

/** Runs debootstrap at the lowest priority, so that it doesn't disturb measurements in other processes. */
async function debootstrap(root: string): Promise<void> {
  const args = ['--variant=minbase', `--include=${packages}`, 'trixie', root];
  await command('nice', ['-n', '19', 'debootstrap', ...args]);
}
