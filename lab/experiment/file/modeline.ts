import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { assetFile } from '#kit/process/installation.ts';

/** Comment by which an editor finds the schema of a file. */
export const modeline = /^(# *yaml-language-server: *\$schema=)(.*)$/m;

const schema = assetFile('experiments/schema.json');

/**
 * Returns a text from a file in the folder `from` for a file in the folder `to`: a relative path to its schema leads to
 * the same schema, or to Spillway's if there is none.
 */
export const withSchemaFrom = (text: string, from: string, to: string): string =>
  text.replace(modeline, (line, start: string, path: string) => {
    if (/^\w+:/.test(path)) return line; // a URL
    const named = resolve(from, path.trim());
    const file = existsSync(named) ? named : schema;
    const near = relative(to, file);
    return start + (near.length < file.length ? near : file);
  });
