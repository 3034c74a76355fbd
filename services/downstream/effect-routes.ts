import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { EffectLog } from './effects.ts';
import type { Numbering } from './numbering.ts';

/** The effect log as JSON lines, and the way to begin a new one. */
export function effectRoutes(app: FastifyInstance, effects: EffectLog, numbering: Numbering): void {
  app.get('/effects', (_request, reply) => {
    reply.header('content-type', 'application/x-ndjson').send(Readable.from(linesOf(effects.files)));
  });
  app.delete('/effects', (_request, reply) => {
    effects.clear();
    numbering.clear();
    reply.code(204).send();
  });
}

async function* linesOf(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) yield* createReadStream(file);
}
