import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { assetFile } from '#kit/process/installation.ts';
import { nearest } from '#kit/schema/nearest.ts';

/** Returns the folder with the experiments of the course, as a relative path if this is shorter. */
export function courseFolder(): string {
  const folder = assetFile('experiments');
  const path = relative('', folder) || '.';
  return path.length < folder.length ? path : folder;
}

/** Returns the names of the course's experiments in order; empty if the installation has no experiments. */
function courseNames(): string[] {
  const folder = courseFolder();
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/**
 * Returns the path of an experiment's file. An experiment of the course may be given by its name or number, unless a
 * file of the same name exists.
 */
export function fileOf(given: string): string {
  if (given !== basename(given) || isFile(given)) return given;
  const stem = basename(given, '.yaml');
  const isMeant = (name: string) => name === stem || (/^\d+$/.test(stem) && name.startsWith(`${stem}-`));
  const found = courseNames().find(isMeant);
  return found === undefined ? given : join(courseFolder(), `${found}.yaml`);
}

function isFile(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Returns the experiment of the course whose name, with or without its number, is closest to a misspelt name. */
export function nearestInCourse(given: string): string | undefined {
  if (given !== basename(given)) return undefined;
  const stem = basename(given, '.yaml');
  const names = courseNames();
  return nearest(stem, names) ?? names.find((name) => nearest(stem, [name.replace(/^\d+-/, '')]));
}

/** Levels of the course, from simple to subtle, each with the number of its last experiment. */
const levels = [
  ['begin', 2],
  ['simple', 10],
  ['subtle', Number.POSITIVE_INFINITY],
] as const;

export const levelOf = (name: string): string =>
  levels.find(([, last]) => Number.parseInt(name, 10) <= last)?.[0] ?? '';
