import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Resources of a process at one instant. */
export interface Usage {
  readonly rssBytes: number;
  readonly sockets: number;
  /** Open descriptors except sockets. */
  readonly files: number;
}

/** Returns the usage of this process's children by name, like `consumer`, or `second consumer` of two. Linux only. */
export function usageOfChildren(): Map<string, Usage> {
  const usage = new Map<string, Usage>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const name = childName(pid);
      if (name === undefined) continue;
      const unique = usage.has(name) ? `second ${name}` : name;
      usage.set(unique, { rssBytes: rssBytesOf(pid), ...descriptorsOf(pid) });
    } catch {
      // The process has ended in the meantime.
    }
  }
  return usage;
}

function childName(pid: string): string | undefined {
  const parent = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1];
  if (Number(parent) !== process.pid) return undefined;
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const script = args.find((arg) => arg.endsWith('.ts'));
  const [, folder, file] = /([^/]+)\/([^/]+)\.ts$/.exec(script ?? '') ?? [];
  return file === 'main' ? folder : (file ?? args[0]?.split('/').at(-1));
}

const rssBytesOf = (pid: string): number =>
  1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

function descriptorsOf(pid: string): { sockets: number; files: number } {
  const folder = `/proc/${pid}/fd`;
  const targets = readdirSync(folder).map((descriptor) => readlinkSync(`${folder}/${descriptor}`));
  const sockets = targets.filter((target) => target.startsWith('socket:')).length;
  return { sockets, files: targets.length - sockets };
}
