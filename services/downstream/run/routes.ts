import type { FastifyInstance } from 'fastify';
import { RunStatus } from './config.ts';
import type { RunRecord } from './record.ts';

/** Where the lab says what it is doing, and that it is done. */
export function runRoutes(app: FastifyInstance, run: RunRecord): void {
  app.put('/run', { schema: { body: RunStatus } }, (request, reply) => {
    run.tell(request.body as RunStatus);
    reply.code(204).send();
  });
  app.delete('/run', (_request, reply) => {
    run.end();
    reply.code(204).send();
  });
  app.addHook('onClose', async () => run.end());
}
