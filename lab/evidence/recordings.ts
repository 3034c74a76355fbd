import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mapRecordings } from '#lab/experiment/checks/load.ts';
import type { Experiment } from '#lab/experiment/schema.ts';

type Load = Experiment['load'];

/** Copies the recordings of a load into the folder of a run. Returns the load with the names of the copies. */
export const keepRecordings = (load: Load, folder: string): Load =>
  mapRecordings(load, (file, phase) => {
    mkdirSync(join(folder, 'recordings'), { recursive: true });
    const copy = join('recordings', `${phase + 1}.csv`);
    copyFileSync(file, join(folder, copy));
    return copy;
  });

/** Returns the load with the text of each recording instead of its file name. File names are relative to `folder`. */
export const withRecordings = (load: Load, folder = '.'): Load =>
  mapRecordings(load, (file) => readFileSync(resolve(folder, file), 'utf8'));
