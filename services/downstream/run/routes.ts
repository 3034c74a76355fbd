import type { FastifyInstance } from 'fastify';
import { RunNews } from './config.ts';
import type { RunRecord } from './record.ts';

/** Where the lab says what it is doing, and that it is done. */
export function runRoutes(app: FastifyInstance, run: RunRecord): void {
  app.put('/run', { schema: { body: RunNews } }, (request, reply) => {
    run.tell(request.body as RunNews);
    reply.code(204).send();
  });
  app.delete('/run', (_request, reply) => {
    run.end();
    reply.code(204).send();
  });
  app.addHook('onClose', async () => run.end());
}
