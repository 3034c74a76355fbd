import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { attemptsLine, forgottenLine } from '#kit/wire.ts';
import type { EffectLog } from './effects.ts';
import type { Numbering } from './numbering.ts';

/** The effect log and the attempts of each id as JSON lines, and the way to begin both again. */
export function effectRoutes(app: FastifyInstance, effects: EffectLog, numbering: Numbering): void {
  app.get('/effects', (_request, reply) => {
    reply.header('content-type', 'application/x-ndjson').send(Readable.from(linesOf(effects.files)));
  });
  app.get('/attempts', (_request, reply) => {
    reply.header('content-type', 'application/x-ndjson').send(Readable.from(attemptsOf(numbering)));
  });
  app.delete('/effects', (_request, reply) => {
    effects.clear();
    numbering.clear();
    reply.code(204).send();
  });
}

/** Lines in each chunk. */
const chunkLines = 1000;

function* attemptsOf(numbering: Numbering): Generator<string> {
  let lines = numbering.hasForgotten ? [`${forgottenLine}\n`] : [];
  for (const [id, attempts] of numbering.counts()) {
    lines.push(`${attemptsLine({ id, attempts })}\n`);
    if (lines.length < chunkLines) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

async function* linesOf(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) yield* createReadStream(file);
}
