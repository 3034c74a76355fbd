import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { attemptsLine, forgottenLine } from '#kit/wire.ts';
import type { EffectLog } from './effects.ts';
import type { Numbering } from './numbering.ts';

/** Serves the effect log and the attempts of each id as JSON lines, and clears both. */
export function effectRoutes(app: FastifyInstance, effects: EffectLog, numbering: Numbering): void {
  const serve = (path: string, text: () => Iterable<string> | AsyncIterable<Buffer>) =>
    app.get(path, (_request, reply) => {
      reply.header('content-type', 'application/x-ndjson').send(Readable.from(text()));
    });
  serve('/effects', () => contentsOf(effects.files));
  serve('/attempts', () => attemptsOf(numbering));
  app.delete('/effects', (_request, reply) => {
    effects.clear();
    numbering.clear();
    reply.code(204).send();
  });
}

function* attemptsOf(numbering: Numbering): Generator<string> {
  let lines = numbering.hasForgotten ? [`${forgottenLine}\n`] : [];
  for (const [id, attempts] of numbering.counts()) {
    lines.push(`${attemptsLine({ id, attempts })}\n`);
    if (lines.length < 1000) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

async function* contentsOf(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) yield* createReadStream(file);
}
