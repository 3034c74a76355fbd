import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '#kit/process/installation.ts';
import { withRecordings } from '#lab/evidence/recordings.ts';
import type { Sample } from '#lab/runner/sample.ts';
import type { Point } from './space.ts';
import type { Subject } from './subject.ts';

/** Record of a simulation in the folder of an exploration. */
interface SampleRecord {
  readonly point: Point;
  readonly seed: number;
  readonly sample: Sample;
}

const samplesFile = 'samples.ndjson';

/** Returns a key that is the same only if every simulation of an exploration has the same result. */
export function keyOf({ file: { source, experiment } }: Subject, args: unknown): string {
  const load = withRecordings(experiment.load);
  const all = JSON.stringify([version, process.version, source, load, args]);
  return createHash('sha256').update(all).digest('hex');
}

/** Returns the newest folder in `parent` whose exploration has this key and was not completed, if any. */
export function unfinishedIn(parent: string, key: string): string | undefined {
  const names = existsSync(parent) ? readdirSync(parent) : [];
  return names
    .sort()
    .reverse()
    .map((name) => join(parent, name))
    .find((folder) => {
      const file = join(folder, samplesFile);
      if (!existsSync(file)) return false;
      const records = linesIn(file);
      return records[0]?.key === key && !records.some(({ end }) => end);
    });
}

type Line = { readonly key?: string; readonly end?: true } & Partial<SampleRecord>;

/** Returns the records of a file. Leaves out a line that was cut off. */
function linesIn(file: string): Line[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Line];
      } catch {
        return [];
      }
    });
}

/** Simulations of an exploration, which are also in its folder once it has one. */
export class Store {
  #folder: string | undefined;
  readonly #samples = new Map<string, SampleRecord>();
  readonly #unwritten: SampleRecord[] = [];

  get(point: Point, seed: number): Sample | undefined {
    return this.#samples.get(nameOf(point, seed))?.sample;
  }

  add(record: SampleRecord): void {
    this.#samples.set(nameOf(record.point, record.seed), record);
    this.#unwritten.push(record);
    if (this.#folder !== undefined) this.#write();
  }

  /** Writes all simulations into a new folder. */
  begin(folder: string, key: string): void {
    this.#folder = folder;
    appendFileSync(join(folder, samplesFile), lineOf({ key }));
    this.#write();
  }

  /** Reads the simulations in a folder, and adds new ones. */
  resume(folder: string): void {
    this.#folder = folder;
    const file = join(folder, samplesFile);
    for (const { point, seed, sample } of linesIn(file))
      if (point && seed !== undefined && sample)
        this.#samples.set(nameOf(point, seed), { point, seed, sample });
    // A killed process may have cut off its last line.
    if (!readFileSync(file, 'utf8').endsWith('\n')) appendFileSync(file, '\n');
    this.#write();
  }

  /** Marks the exploration as completed, so that it is not resumed. */
  end(): void {
    if (this.#folder !== undefined) appendFileSync(join(this.#folder, samplesFile), lineOf({ end: true }));
  }

  get size(): number {
    return this.#samples.size;
  }

  #write(): void {
    for (const record of this.#unwritten.splice(0))
      appendFileSync(join(this.#folder!, samplesFile), lineOf(record));
  }
}

const nameOf = (point: Point, seed: number): string => `${point.join()} ${seed}`;

const lineOf = (record: Line): string => `${JSON.stringify(record)}\n`;
