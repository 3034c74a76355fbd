import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Experiment } from '#lab/experiment/schema.ts';

type Load = Experiment['load'];

/** Returns the load with each recording that it names changed. */
const withFiles = (load: Load, change: (file: string, phase: number) => string): Load =>
  load.map((phase, index) => {
    const { arrivals } = phase;
    if (arrivals.kind !== 'replay' || arrivals.file === undefined) return phase;
    return { ...phase, arrivals: { ...arrivals, file: change(arrivals.file, index) } };
  });

/** Copies the recordings that a load names into the folder of a run, and returns the load that names the copies. */
export const keepRecordings = (load: Load, folder: string): Load =>
  withFiles(load, (file, phase) => {
    mkdirSync(join(folder, 'recordings'), { recursive: true });
    const copy = join('recordings', `${phase + 1}.csv`);
    copyFileSync(file, join(folder, copy));
    return copy;
  });

/** Returns the load with the text of each recording in the place of its name, which starts at the folder. */
export const withRecordings = (load: Load, folder = '.'): Load =>
  withFiles(load, (file) => readFileSync(resolve(folder, file), 'utf8'));
