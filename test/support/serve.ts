import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { controlApp } from '#kit/http/control.ts';
import { createLog } from '#kit/log.ts';
import type { Service } from '#kit/service.ts';

export const silent = createLog('test', 'silent');

/** Listens on a free port of loopback until the test is over; returns the base URL. */
export async function listen(app: FastifyInstance): Promise<string> {
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

/** Builds a service's apps without listening: tests call both by inject. Stops the service when the test is over. */
export function hold(service: Service) {
  const control = controlApp(service, silent);
  const stopService = once(() => service.stop());
  const stop = once(async () => {
    await service.traffic?.close();
    await control.close();
    await stopService();
  });
  onTestFinished(stop);
  return {
    control,
    stop,
    /** Final step of `stop`, after both ports are closed. */
    stopService,
    put: (config: object) => control.inject({ method: 'PUT', url: '/config', body: config }),
    /**
     * Returns the value of a series written like `spillway_attempts_total{result="ok"}`; 0 if there is no such series.
     */
    async metric(series: string): Promise<number> {
      const name = series.split('{', 1)[0]!;
      const text = await service.metrics.text([name, name.replace(/_(sum|count)$/, '')]);
      const line = text.split('\n').find((one) => one.startsWith(`${series} `));
      return Number(line?.slice(series.length) ?? 0);
    },
  };
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= action();
    return done;
  };
}
