import { disconnectBroker } from '#kit/broker/connect.ts';
import { systemClock } from '#kit/clock.ts';
import { createApp } from '#kit/http/app.ts';
import { send } from '#kit/http/problem.ts';
import { readWork } from '#kit/http/request.ts';
import type { Service } from '#kit/service.ts';
import { pingBroker } from './broker-pings.ts';
import { eventsOf, type PublisherParts } from './events.ts';

/** Builds the service that publishes events, and that answers once the work stream holds them. */
export async function publisher(parts: PublisherParts): Promise<Service> {
  const { log, metrics, broker, clock = systemClock } = parts;
  const { connected, config, unready, serve } = await eventsOf(parts);
  const pings = pingBroker(broker, connected, clock);

  const traffic = createApp(log);
  traffic.post('/events', async (request, reply) => send(reply, await serve(readWork(request))));

  return {
    name: 'publisher',
    metrics,
    traffic,
    config,
    unready,
    stalls: pings,
    async stop() {
      pings.stop();
      await disconnectBroker(broker);
    },
  };
}
