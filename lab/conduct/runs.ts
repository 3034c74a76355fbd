import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evidenceFile } from '#lab/evidence/format.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { plural } from '#lab/kit/text/format.ts';
import { printable } from '#lab/kit/text/printable.ts';
import { resultFile } from '#lab/show/files.ts';

/** A run on disk, whose folder's name has only its time and seed. */
export interface StoredRun {
  readonly folder: string;
  /** Way of conducting, e.g. `run`, `control run` or `simulation, 10 rounds`. */
  readonly kind: string;
  /** Status of the result, or why there is none. */
  readonly status: string;
  readonly label?: string;
}

/** Returns the runs up to two folders deep, the oldest first. Each is followed by its results of `judge`. */
export function runsIn(folder: string, depth = 2): StoredRun[] {
  const run = runAt(folder);
  if (!run) return depth === 0 ? [] : foldersIn(folder).flatMap((inner) => runsIn(inner, depth - 1));
  const judged = foldersIn(join(folder, 'judged')).flatMap((inner) => runAt(inner) ?? []);
  return [run, ...judged.map((each) => ({ ...each, kind: `${each.kind}, judged again` }))];
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
    return names.sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function runAt(folder: string): StoredRun | undefined {
  if (!existsSync(join(folder, resultFile)))
    return existsSync(join(folder, evidenceFile)) ? { folder, kind: 'run', status: 'no result' } : undefined;
  try {
    const result = JSON.parse(readFileSync(join(folder, resultFile), 'utf8')) as Partial<Result>;
    const { status, label } = result;
    const shown = { status: String(status), ...(label !== undefined && { label: String(label) }) };
    return { folder, kind: kindOf(result), ...printable(shown) };
  } catch {
    return { folder, kind: 'run', status: 'unreadable result' };
  }
}

function kindOf({ simulated, withoutFaults, rounds }: Partial<Result>): string {
  const conducted = simulated ? 'simulation' : 'run';
  const kind = withoutFaults ? `control ${conducted}` : conducted;
  return rounds ? `${kind}, ${plural(rounds.length, 'round')}` : kind;
}
