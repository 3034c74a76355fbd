import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { assetFile } from '#kit/process/installation.ts';

/** Comment by which an editor finds the schema of a file. */
export const modeline = /^(# *yaml-language-server: *\$schema=)(.*)$/m;

const schema = assetFile('experiments/schema.json');

/** Changes the path to the schema for another folder. Where it leads to no file, it becomes that of Spillway's schema. */
export const withSchemaFrom = (text: string, from: string, to: string): string =>
  text.replace(modeline, (line, start: string, path: string) => {
    if (/^\w+:/.test(path)) return line; // a URL
    const named = resolve(from, path.trim());
    const file = existsSync(named) ? named : schema;
    const near = relative(to, file);
    return start + (near.length < file.length ? near : file);
  });
