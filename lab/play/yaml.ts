import { stringify } from 'yaml';
import type { Played } from './experiment.ts';

/** Returns the file of an experiment, for `simulate` and `run`. */
export const yamlOf = ({ value }: Played): string =>
  stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
