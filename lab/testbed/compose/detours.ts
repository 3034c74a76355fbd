import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Arrow } from '#lab/topology/connections.ts';
import { root } from './docker.ts';

/** The variables of docker-compose.yml that lead those who call over netproxy, each to a port of its own, as `netproxy:7110`. */
const variables = () => parseEnv(readFileSync(join(root, 'docker/chaos.env'), 'utf8'));

const variableOf = (arrow: Arrow): string => arrow.replace('->', '_to_').toUpperCase();

/** The variables that lead the callers of these arrows over netproxy, and nobody else. */
export function detours(arrows: readonly Arrow[]): Record<string, string> {
  const all = variables();
  return Object.fromEntries(arrows.map((arrow) => [variableOf(arrow), all[variableOf(arrow)]!]));
}

/** Where netproxy listens for an arrow. */
export const detourPort = (arrow: Arrow): number =>
  Number(detours([arrow])[variableOf(arrow)]!.replace(/.*:/, ''));
