import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import type { TProperties } from 'typebox';
import { type Controlled, controlApp } from './http/control.ts';
import { createLog, type Logger } from './log.ts';
import { Metrics, trackProcess } from './metrics.ts';
import { keep, readConfigFile } from './process/config-file.ts';
import { type Env, readEnv } from './process/env.ts';
import { type StallSource, stallRoute } from './stalls.ts';

/** One of the testbed's processes, before it listens. */
export interface Service extends Controlled {
  /** The traffic port, where the service has one. */
  readonly traffic?: FastifyInstance;
  /** The stalls of another process that it sees. */
  readonly stalls?: StallSource;
  /** Called after the traffic port has answered its last request. */
  stop(): Promise<void>;
}

interface Parts<P extends TProperties> {
  readonly env: Env<P>;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The configuration to start with, not yet validated. */
  readonly initial: unknown;
}

/** What a running service says on stdout as the field `listening` of one JSON line: its ports, 0 without traffic. */
export interface Listening {
  readonly traffic: number;
  readonly control: number;
}

/**
 * Reads the environment, builds a service, listens, and stops it gracefully on SIGTERM or SIGINT: what was accepted is finished first.
 * A service that can't start says why in one log line and ends with exit code 1.
 */
export async function runService<P extends TProperties>(
  name: string,
  variables: P,
  build: (parts: Parts<P>) => Service | Promise<Service>,
): Promise<void> {
  let log = createLog(name, 'info');
  try {
    const env = readEnv(variables);
    log = createLog(name, env.LOG_LEVEL);
    const metrics = new Metrics();
    const loop = trackProcess(metrics);
    const { CONFIG: given, CONFIG_FILE: file } = env;
    const kept = file === '' ? undefined : readConfigFile(file, given);
    const service = await build({ env, log, metrics, initial: kept ?? parseConfig(given) });
    const keeping = (config: unknown, apply: () => Promise<void>) =>
      file === '' ? apply() : keep(file, { initial: given, config }, apply);
    const control = controlApp(service, log, env.CONTROL_TOKEN, keeping);
    stallRoute(control, loop, ...(service.stalls ? [service.stalls] : []));
    closeWithGrace({ delay: 30_000, logger: undefined as never }, async ({ err, signal }) => {
      if (err) log.fatal({ err }, 'crashed');
      else log.info({ signal }, 'stopping');
      await service.traffic?.close();
      // Before stop(), so that a configuration on its way is taken over first.
      await control.close();
      await service.stop();
      loop.stop();
      log.info('stopped');
    });
    await service.traffic?.listen({ host: env.HOST, port: env.PORT, backlog: 4096 });
    await control.listen({ host: env.CONTROL_HOST, port: env.CONTROL_PORT });
    const listening: Listening = { traffic: portOf(service.traffic), control: portOf(control) };
    log.info({ listening }, 'listening');
  } catch (error) {
    log.fatal({ err: error }, `${name} can't start: ${(error as Error).message}`);
    process.exitCode = 1;
    // Whatever was opened before the failure must not keep a useless process alive.
    process.exit();
  }
}

function portOf(app: FastifyInstance | undefined): number {
  const address = app?.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function parseConfig(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`CONFIG is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
