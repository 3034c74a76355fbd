import { readFileSync } from 'node:fs';
import type { Static, TObject, TProperties, TString } from 'typebox';
import { checkOf, type Schema, type SchemaError } from '#kit/schema/checks.ts';
import { integer, strict } from '#kit/schema/schema.ts';
import { problemsOf } from '#kit/schema/schema-problems.ts';
import { Type } from '#kit/schema/type.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { httpUrls, isLoopback } from '#kit/urls.ts';

/** Mark of schemas of secrets. Checks and JSON ignore symbols. */
const mark = Symbol('secret');

/** Returns the schema of a secret. The variable of the same name with `_FILE` may instead name a file with it. */
export const secret = (description: string): TString =>
  Type.String({ default: '', description, [mark]: true });

const common = {
  HOST: Type.String({ default: '127.0.0.1', description: 'Where the traffic port listens.' }),
  PORT: integer({ from: 0, to: 65_535, default: 0 }, 'Traffic port; 0: any free port.'),
  CONTROL_HOST: Type.String({ default: '127.0.0.1' }),
  CONTROL_PORT: integer({ from: 0, to: 65_535, default: 0 }),
  CONTROL_TOKEN: secret('Bearer token; required unless CONTROL_HOST is loopback.'),
  CONFIG: Type.String({ default: '{}', description: 'Initial configuration, as JSON.' }),
  CONFIG_FILE: Type.String({
    default: '',
    description:
      'File for the current configuration, from which a restart continues while CONFIG is unchanged.',
  }),
  STOP_DELAY_MS: integer(
    { from: 0, to: 20_000, default: 0 },
    'Time in which a stopping service, no longer ready, accepts further requests of callers that have looked up its name before.',
  ),
  LOG_LEVEL: Type.String({ default: 'info', pattern: '^(trace|debug|info|warn|error|fatal|silent)$' }),
};

export const brokerVariables = {
  NATS_URL: Type.String({
    description: "Where the broker listens; the URLs of a cluster's servers with commas between.",
    pattern: '^nats://[^,]+(,nats://[^,]+)*$',
  }),
  NATS_CREDENTIALS: secret('Login of the broker, as user:password; omit if it requires none.'),
};

export const downstreamVariables = {
  DOWNSTREAM_URL: Type.String({
    description: "Downstream's traffic port; of several replicas all, with commas between, which take turns.",
    pattern: httpUrls,
  }),
};

export const clientVariables = {
  CLIENT: Type.String({
    default: '',
    description:
      "Path of a module of the user's that makes the calls, in the place of the policies. Its code runs in this process.",
  }),
};

export type Env<P extends TProperties> = Static<TObject<typeof common>> & Static<TObject<P>>;

/** Reads the variables `properties` and the common ones. Throws an Error with all problems at once. */
export function readEnv<P extends TProperties>(properties: P, data: NodeJS.ProcessEnv = process.env): Env<P> {
  const all = { ...common, ...properties };
  const env = checked<Env<P>>(strict(all), withSecrets(all, data));
  if (!isLoopback(env.CONTROL_HOST) && env.CONTROL_TOKEN.length < 16) {
    throw new Error(
      `CONTROL_HOST is ${env.CONTROL_HOST}, which is not loopback: set CONTROL_TOKEN, or CONTROL_TOKEN_FILE, to at least 16 characters`,
    );
  }
  return env;
}

/** Returns the variables of a schema: converts numbers, adds defaults, and leaves out unknown variables. */
function checked<T>(schema: TObject, data: NodeJS.ProcessEnv): T {
  const known = Object.entries(schema.properties).map(([name, schema]) => [
    name,
    converted((schema as Schema).type, data[name]),
  ]);
  const env = Object.fromEntries(known);
  const errors: SchemaError[] = [];
  checkOf(schema)(env, '', errors);
  if (errors.length === 0) return env;
  const problems = problemsOf(errors.map(withoutLogin)).map(
    ({ pointer, message }) => `${pointer === '' ? 'the environment' : pointer.slice(1)}: ${message}`,
  );
  throw new Error(problems.join('; '));
}

const converted = (type: string, text: string | undefined): unknown =>
  type === 'integer' && text && Number.isInteger(Number(text)) ? Number(text) : text;

/** Hides the part of an error's value before an @, since it may be the login in a URL. */
const withoutLogin = (error: SchemaError): SchemaError =>
  typeof error.data === 'string' ? { ...error, data: error.data.replace(/[\s\S]*@/, '…@') } : error;

/**
 * Returns the variables, with secrets read from the files that the `…_FILE` variables name. White space at the end of a
 * file is dropped. Throws an Error if both variables of a secret are set, or if a file is unreadable or empty.
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
