import { readFileSync } from 'node:fs';

/** Returns the addresses on which this machine listens at a port. */
export function listeners(port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  return lines.flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    if (!local.endsWith(wanted) || state !== '0A') return [];
    const bytes = local
      .split(':')[0]!
      .match(/../g)!
      .map((byte) => Number.parseInt(byte, 16));
    return [bytes.reverse().join('.')];
  });
}
