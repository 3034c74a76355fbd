import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { assetFile } from '#kit/process/installation.ts';
import { nearest } from '#kit/schema/nearest.ts';

/** Returns the course's folder by the shorter path. A relative one leads nowhere if this folder can't be searched. */
export function courseFolder(): string {
  const folder = assetFile('experiments');
  const path = relative('', folder) || '.';
  return path.length < folder.length && existsSync(path) ? path : folder;
}

function courseNames(): string[] {
  const folder = courseFolder();
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/** Returns the file of an experiment, given by its path, or else by its name or number in the course. */
export function fileOf(given: string): string {
  const isFile = existsSync(given) && !statSync(given).isDirectory();
  if (given !== basename(given) || isFile) return given;
  const stem = basename(given, '.yaml');
  const isMeant = (name: string) => name === stem || (/^\d+$/.test(stem) && name.startsWith(`${stem}-`));
  const found = courseNames().find(isMeant);
  return found === undefined ? given : join(courseFolder(), `${found}.yaml`);
}

/** Returns the experiment of the course whose number, or name with or without it, is closest to a misspelt one. */
export function nearestInCourse(given: string): string | undefined {
  const stem = basename(given, '.yaml');
  const names = courseNames();
  const padded = stem.padStart(2, '0');
  if (/^\d\d$/.test(padded)) return names.find((name) => name.startsWith(`${padded}-`));
  return nearest(stem, names) ?? names.find((name) => nearest(stem, [name.replace(/^\d+-/, '')]));
}

/** Compares two names of the course by number. Only 02 goes before 01, since it explains how to read a run. */
export function byReadingOrder(a: string, b: string): number {
  const position = (name: string) => (name === '02-baseline' ? '00-later' : name);
  return position(a) < position(b) ? -1 : 1;
}

/** Levels of the course, from simple to subtle, each with the number of its last experiment. */
const levels = [
  ['begin', 2],
  ['simple', 10],
  ['subtle', Number.POSITIVE_INFINITY],
] as const;

export const levelOf = (name: string): string =>
  levels.find(([, last]) => Number.parseInt(name, 10) <= last)?.[0] ?? '';
