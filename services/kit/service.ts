import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import type { TProperties } from 'typebox';
import { type Clock, sleep, systemClock } from './clock.ts';
import { type Controlled, controlApp } from './http/control.ts';
import { createLog, type Logger } from './log.ts';
import { Metrics } from './metrics.ts';
import { parseConfig, readConfigFile, storeConfig } from './process/config-file.ts';
import { type Env, readEnv } from './process/env.ts';
import { trackProcess } from './process/process-metrics.ts';
import { type StallSource, stallRoute } from './stalls.ts';

/** Service of the testbed that is built but doesn't listen yet. */
export interface Service extends Controlled {
  readonly traffic?: FastifyInstance;
  /** Source of the stalls of another process, if this service observes one. */
  readonly stalls?: StallSource;
  /** Called when the traffic port has answered its last request. */
  stop(): Promise<void>;
}

export interface ServiceParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Initial configuration. Missing fields get their defaults. An invalid one makes the build throw InvalidError. */
  readonly initial?: unknown;
  readonly clock?: Clock;
}

/** Ports of a running service, as in the field `listening` of its log; `traffic` is 0 if it has no such port. */
export interface Listening {
  readonly traffic: number;
  readonly control: number;
}

/**
 * Reads the environment, builds a service and listens. On SIGTERM or SIGINT, completes accepted requests and stops. If
 * the service can't start, logs the reason in one line and exits with code 1.
 */
export async function runService<P extends TProperties>(
  name: string,
  variables: P,
  build: (parts: ServiceParts & { readonly env: Env<P> }) => Service | Promise<Service>,
): Promise<void> {
  let log = createLog(name, 'info');
  try {
    const env = readEnv(variables);
    log = createLog(name, env.LOG_LEVEL);
    const metrics = new Metrics();
    const loop = trackProcess(metrics);
    const { CONFIG: given, CONFIG_FILE: file } = env;
    const stored = file === '' ? undefined : readConfigFile(file, given);
    const service = await build({ env, log, metrics, initial: stored ?? parseConfig('CONFIG', given) });
    const store = (config: unknown, apply: () => Promise<void>) =>
      file === '' ? apply() : storeConfig(file, { initial: given, config }, apply);
    let isStopping = false;
    const unready = () => (isStopping ? 'it is stopping' : service.unready());
    const control = controlApp({ ...service, unready }, log, env.CONTROL_TOKEN, store);
    stallRoute(control, loop, ...(service.stalls ? [service.stalls] : []));
    closeWithGrace({ delay: 30_000, logger: undefined as never }, async ({ err, signal }) => {
      if (err) log.fatal({ err }, 'crashed');
      else log.info({ signal }, 'stopping');
      isStopping = true;
      if (!err && service.traffic) {
        endConnections(service.traffic);
        await sleep(env.STOP_DELAY_MS, systemClock);
      }
      await service.traffic?.close();
      // Closed before `stop`, so that a configuration in progress is applied first.
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
    // Exits now, since resources that were opened before the failure would keep the process alive.
    process.exit();
  }
}

/** Makes each further answer end its connection, so that callers connect to another replica. */
function endConnections({ server }: FastifyInstance): void {
  server.prependListener('request', (_request, answer) => {
    answer.shouldKeepAlive = false;
  });
}

function portOf(app: FastifyInstance | undefined): number {
  const address = app?.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
