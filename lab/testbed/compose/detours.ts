import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Hop } from '#lab/topology/hops.ts';
import { root } from './docker.ts';

/** The variables of docker-compose.yml that lead those who call over netproxy, each to a port of its own, as `netproxy:7110`. */
const variables = () => parseEnv(readFileSync(join(root, 'docker/chaos.env'), 'utf8'));

const variableOf = (hop: Hop): string => hop.replace('->', '_to_').toUpperCase();

/** The variables that lead the callers of these hops over netproxy, and nobody else. */
export function detours(hops: readonly Hop[]): Record<string, string> {
  const all = variables();
  return Object.fromEntries(hops.map((hop) => [variableOf(hop), all[variableOf(hop)]!]));
}

/** Where netproxy listens for a hop. */
export const detourPort = (hop: Hop): number => Number(detours([hop])[variableOf(hop)]!.replace(/.*:/, ''));
