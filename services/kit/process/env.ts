import { isIPv4 } from 'node:net';
import { Ajv, type ErrorObject } from 'ajv';
import { envSchema } from 'env-schema';
import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { problemsOf } from '#kit/schema/ajv-problems.ts';
import { httpUrls } from '#kit/urls.ts';
import { secret, withSecrets } from './secret.ts';

const common = {
  HOST: Type.String({ default: '127.0.0.1', description: 'Where the traffic port listens.' }),
  PORT: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 65_535,
    description: 'Traffic port; 0 takes a free one.',
  }),
  CONTROL_HOST: Type.String({ default: '127.0.0.1' }),
  CONTROL_PORT: Type.Integer({ default: 0, minimum: 0, maximum: 65_535 }),
  CONTROL_TOKEN: secret('Bearer token; required unless CONTROL_HOST is loopback.'),
  CONFIG: Type.String({ default: '{}', description: 'The configuration to start with, as JSON.' }),
  CONFIG_FILE: Type.String({
    default: '',
    description:
      'Where the configuration of run time is kept, so that a restart goes on with it, as long as CONFIG stays the same.',
  }),
  LOG_LEVEL: Type.String({ default: 'info', pattern: '^(trace|debug|info|warn|error|fatal|silent)$' }),
};

/** What a process needs that talks to the broker. */
export const brokerVariables = {
  NATS_URL: Type.String({ description: 'Where the broker listens.', pattern: '^nats://' }),
  NATS_CREDENTIALS: secret('How to log in at the broker, as user:password; without them it asks for none.'),
};

/** What a process needs that calls downstream. */
export const downstreamVariables = {
  DOWNSTREAM_URL: Type.String({
    description: "Downstream's traffic port; of several replicas all, with commas between, which take turns.",
    pattern: httpUrls,
  }),
};

/** The environment variables every service has, and those given. */
export type Env<P extends TProperties> = Static<TObject<typeof common>> & Static<TObject<P>>;

/** Reads the common environment variables and those given. Secrets may come from files. Throws an Error that names each wrong one. */
export function readEnv<P extends TProperties>(properties: P, data: NodeJS.ProcessEnv = process.env): Env<P> {
  const all = { ...common, ...properties };
  const env = checked<Env<P>>(Type.Object(all), withSecrets(all, data));
  if (!isLoopback(env.CONTROL_HOST) && env.CONTROL_TOKEN.length < 16) {
    throw new Error(
      `CONTROL_HOST is ${env.CONTROL_HOST}, which is not loopback: set CONTROL_TOKEN, or CONTROL_TOKEN_FILE, to at least 16 characters`,
    );
  }
  return env;
}

const ajv = new Ajv({
  allErrors: true,
  coerceTypes: true,
  removeAdditional: true,
  strict: false,
  useDefaults: true,
  verbose: true,
});

function checked<T>(schema: TObject, data: NodeJS.ProcessEnv): T {
  try {
    return envSchema<T>({ schema, data, env: false, ajv });
  } catch (cause) {
    const problems = problemsOf((cause as { errors?: ErrorObject[] }).errors ?? [], schema).problems.map(
      ({ pointer, message }) => `${pointer === '' ? 'the environment' : pointer.slice(1)}: ${message}`,
    );
    throw new Error(problems.join('; '), { cause });
  }
}

/** True if a host is of loopback; names other than localhost are not looked up. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
