import { posix } from 'node:path';
import { lineOf, withoutComments } from './code.ts';

/** `#kit/` → `services/kit/`, for every alias in package.json's `imports`. */
export type Aliases = ReadonlyMap<string, string>;

/** Areas that each area may import besides itself: only areas below it. */
const below: Readonly<Record<string, readonly string[]>> = {
  kit: [],
  policies: ['kit'],
  service: ['kit', 'policies'],
  load: ['kit'],
  lab: ['load', 'kit', 'policies'],
  grafana: ['kit'],
};

/**
 * Folders of the lab, in order: each may import only from earlier folders. So the analysis of evidence can't depend on
 * the testbed.
 */
const rooms = [
  ...['kit', 'experiment', 'evidence', 'judge', 'show'],
  ...['world', 'conduct', 'explore', 'conform', 'play', 'cli', 'build', 'main.ts'],
];

/** Folder of the simulated engine. Unlike the rest of the lab, it may import the code of services, except `main.ts`. */
const simulated = 'lab/world/simulated/';

const importing = /\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g;

/** Returns the specifiers that a file imports, with their line numbers. */
export function importsOf(text: string): { specifier: string; line: number }[] {
  const code = withoutComments(text);
  return Array.from(code.matchAll(importing), (found) => ({
    specifier: found[1] ?? found[2] ?? '',
    line: lineOf(code, found.index),
  }));
}

const runTime = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s*)?'([^']+)'/gm;

/** Returns the modules of Node and of packages that a file needs at run time, directly or through other files. */
export function modulesBehind(
  entry: string,
  sources: ReadonlyMap<string, string>,
  aliases: Aliases,
): string[] {
  const [files, modules] = [new Set([entry]), new Set<string>()];
  for (const file of files) {
    for (const [, specifier = ''] of withoutComments(sources.get(file) ?? '').matchAll(runTime)) {
      const target = resolve(file, specifier, aliases);
      if (target === undefined) modules.add(specifier);
      else files.add(target);
    }
  }
  return [...modules].sort();
}

/** Returns the path of the imported file; undefined for a package. */
export function resolve(file: string, specifier: string, aliases: Aliases): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier);
  const alias = specifier.slice(0, specifier.indexOf('/') + 1);
  const folder = aliases.get(alias);
  return folder && folder + specifier.slice(alias.length);
}

/** Explains what is wrong with an import, and what to write instead; undefined if it is right. */
export function misplaced(file: string, specifier: string, aliases: Aliases): string | undefined {
  const target = resolve(file, specifier, aliases);
  if (target === undefined) return undefined;
  if (posix.basename(target) === 'index.ts') return 'is a barrel file: import the file that has it';

  const inside = target.startsWith(`${posix.dirname(file)}/`);
  if (specifier.startsWith('.') !== inside && !file.startsWith('test/')) {
    return inside ? 'is in this folder: import it by ./' : 'is in another folder: import it by its # alias';
  }

  const [room, other] = [roomOf(file), roomOf(target)];
  if (room !== undefined && other !== undefined && rooms.indexOf(room) < rooms.indexOf(other))
    return `lies above lab/${room}, which may import ${rooms.slice(0, rooms.indexOf(room)).join(', ')}`;

  const [from, to] = [areaOf(file), areaOf(target)];
  if (from === to || !(from.kind in below) || below[from.kind]?.includes(to.kind)) return undefined;
  if (from.kind === 'lab' && to.kind === 'service') {
    if (target.endsWith('/config.ts')) return undefined;
    if (file.startsWith(simulated) && !target.endsWith('/main.ts')) return undefined;
  }
  if (from.name === to.name) return undefined;
  const allowed = below[from.kind]?.join(', ') || 'nothing local';
  return `lies beside or above ${from.name}, which may import ${allowed}`;
}

interface Area {
  /** A key of `below`, or another top folder. */
  readonly kind: string;
  readonly name: string;
}

function areaOf(file: string): Area {
  const [top = '', second = ''] = file.split('/');
  if (top !== 'services') return { kind: top, name: top };
  return { kind: second === 'kit' || second === 'policies' ? second : 'service', name: second };
}

const roomOf = (file: string): string | undefined =>
  file.startsWith('lab/') ? file.split('/')[1] : undefined;
