import { readFileSync } from 'node:fs';
import { type TString, Type } from 'typebox';
import { refusalOf } from './fs-errors.ts';

/** An environment variable that holds a secret, or whose name with `_FILE` names a file with it. */
export const secret = (description: string): TString =>
  Type.String({ default: '', description, [mark]: true });

/** Ajv and JSON leave symbols alone. */
const mark = Symbol('secret');

/**
 * The variables with each secret in its place, read from its file where one is named; the end of its last line does
 * not count. Throws an Error that names the variable when it is given both ways, or when its file has nothing to read.
 */
export function withSecrets(properties: object, data: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const read = { ...data };
  for (const [name, schema] of Object.entries(properties)) {
    const file = data[`${name}_FILE`];
    if (!(mark in schema) || !file) continue;
    if (data[name]) throw new Error(`${name} and ${name}_FILE are both set: set only one of them`);
    read[name] = readSecret(`${name}_FILE`, file);
  }
  return read;
}

function readSecret(variable: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trimEnd();
  } catch (cause) {
    throw new Error(`${variable} names a file that can't be read: ${file}: ${refusalOf(cause)}`, { cause });
  }
  if (text === '') throw new Error(`${variable} names an empty file: ${file}`);
  return text;
}
