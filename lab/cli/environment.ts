import { secret, withSecrets } from '#kit/process/env.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import type { EngineOptions, Urls } from '#lab/world/testbed.ts';
import { urlOf } from './args.ts';

/** True if the environment names a testbed that runs. Then `run` attaches to it by default. */
export const namesTestbed = (env: NodeJS.ProcessEnv = process.env): boolean => Boolean(env.SPILLWAY_URLS);

const secrets = { SPILLWAY_CONTROL_TOKEN: secret(''), SPILLWAY_NATS_CREDENTIALS: secret('') };

/** Returns the testbed that the environment names. Throws InputError for wrong values. */
export function testbedInEnvironment(
  env: NodeJS.ProcessEnv = process.env,
): Pick<EngineOptions, 'knownUrls' | 'controlToken' | 'natsCredentials'> {
  const read = orRefuse(() => withSecrets(secrets, env));
  return {
    knownUrls: namesTestbed(env) ? urlsIn(env.SPILLWAY_URLS!) : undefined,
    controlToken: read.SPILLWAY_CONTROL_TOKEN,
    natsCredentials: read.SPILLWAY_NATS_CREDENTIALS,
  };
}

const urlsIn = (text: string): Urls =>
  text
    .split(/\s+/)
    .filter(Boolean)
    .reduce((urls: Urls, pair) => orRefuse(() => urlOf(pair, urls), `SPILLWAY_URLS: ${pair}: `), {});

function orRefuse<T>(read: () => T, where = ''): T {
  try {
    return read();
  } catch (cause) {
    throw new InputError(`${where}${(cause as Error).message}`, { cause });
  }
}
