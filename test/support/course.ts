import { readdirSync } from 'node:fs';

/** Files of the course's experiments, in order. */
export const courseFiles = readdirSync(new URL('../../experiments/', import.meta.url))
  .filter((name) => /^\d+-.*\.yaml$/.test(name))
  .toSorted()
  .map((name) => `experiments/${name}`);
