import { isIPv4 } from 'node:net';
import { envSchema } from 'env-schema';
import { type Static, type TObject, type TProperties, Type } from 'typebox';

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
  CONTROL_TOKEN: Type.String({
    default: '',
    description: 'Bearer token; required unless CONTROL_HOST is loopback.',
  }),
  CONFIG: Type.String({ default: '{}', description: 'The configuration to start with, as JSON.' }),
  LOG_LEVEL: Type.String({ default: 'info', pattern: '^(trace|debug|info|warn|error|fatal|silent)$' }),
};

/** The environment variables every service has, and those given. */
export type Env<P extends TProperties> = Static<TObject<typeof common>> & Static<TObject<P>>;

/** Reads the common environment variables and those given. Throws an Error that names each wrong one. */
export function readEnv<P extends TProperties>(properties: P, data: NodeJS.ProcessEnv = process.env): Env<P> {
  const env = envSchema<Env<P>>({
    schema: Type.Object({ ...common, ...properties }),
    data: { ...data },
    env: false,
  });
  if (!isLoopback(env.CONTROL_HOST) && env.CONTROL_TOKEN.length < 16) {
    throw new Error(
      `CONTROL_HOST is ${env.CONTROL_HOST}, which is not loopback: set CONTROL_TOKEN to at least 16 characters`,
    );
  }
  return env;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
