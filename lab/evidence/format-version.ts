import { existsSync, readFileSync } from 'node:fs';
import { isSpecial } from '#kit/process/fs-errors.ts';
import { version as spillway } from '#kit/process/installation.ts';
import { cut } from '#kit/schema/shorten.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { EvidenceError } from './evidence-error.ts';

/** Explains why a version can't be read, if so. A release that raises it converts older content before. */
export function versionProblem(what: string, got: unknown, current: number): string | undefined {
  if (got === current) return undefined;
  const expected = `expected ${what} of version ${current}, got`;
  if (typeof got === 'number' && got > current)
    return `${expected} ${got}: it is from a newer Spillway than this one (${spillway}), so update Spillway`;
  return `${expected} ${got === undefined ? 'none' : cut(JSON.stringify(got), 40)}`;
}

/** Reads a JSON file in the current version of its format. Throws EvidenceError. */
export function readVersion(file: string, what: string, current: number): unknown {
  if (existsSync(file) && isSpecial(file)) throw new EvidenceError('expected a regular file', { file });
  let value: { version?: unknown } | null;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const isSyntax = cause instanceof SyntaxError;
    const message = isSyntax ? `expected JSON: ${cause.message}` : `can't be read: ${refusalOf(cause)}`;
    throw new EvidenceError(message, { file, cause });
  }
  const wrong = versionProblem(what, value?.version, current);
  if (wrong !== undefined) throw new EvidenceError(wrong, { file });
  return value;
}
