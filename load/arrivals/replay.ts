import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { refusalOf } from '#kit/refusal.ts';
import { strict } from '#kit/schema.ts';
import { arrival, limits } from './arrival.ts';

/** Recorded due times, given in the experiment or in a file; in any order. */
export const replay = arrival({
  options: strict(
    {
      atMs: Type.Optional(
        Type.Array(Type.Number({ minimum: 0, maximum: limits.durationMs }), {
          minItems: 1,
          maxItems: 100_000,
          description: 'Due times after the start of the phase.',
        }),
      ),
      file: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 4096,
          description:
            'A text or CSV file with a due time in ms on each line: in the column dueMs, if the first line names one, else in the first column.',
        }),
      ),
      stretch: Type.Number({
        default: 1,
        exclusiveMinimum: 0,
        maximum: 1000,
        description: 'Factor of all times in the file: 2 replays it at half its speed.',
      }),
    },
    { description: 'Arrivals recorded elsewhere, as atMs or as a file.' },
  ),
  check: ({ atMs, file }) =>
    (atMs === undefined) !== (file === undefined)
      ? []
      : [{ pointer: '', message: 'expected exactly one of atMs, file' }],
  plan({ atMs = [], file, stretch }) {
    const recorded =
      file === undefined ? Float64Array.from(atMs) : readDueTimes(file).map((ms) => ms * stretch);
    const dueMs = recorded.sort();
    return { durationMs: dueMs.at(-1) ?? 0, count: dueMs.length, dueMs };
  },
});

/** A recording that can't be read or holds something else than due times. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

function readDueTimes(file: string): Float64Array {
  const lines = read(file).trimEnd().split('\n');
  const header = lines[0]!.split(',').findIndex((name) => name.trim() === 'dueMs');
  const first = header < 0 ? 0 : 1;
  const column = Math.max(0, header);
  if (lines.length - first > limits.requests)
    throw new RecordingError(`${file}: expected at most ${limits.requests} due times, got ${lines.length}`);
  const dueMs = new Float64Array(lines.length - first);
  for (let i = first; i < lines.length; i++) {
    const field = lines[i]!.split(',', column + 1)[column]?.trim() ?? '';
    const ms = field === '' ? Number.NaN : Number(field);
    if (!(ms >= 0 && ms <= limits.durationMs))
      throw new RecordingError(
        `${file}:${i + 1}: expected a due time from 0 to ${limits.durationMs} ms, got ${JSON.stringify(field)}`,
      );
    dueMs[i - first] = ms;
  }
  return dueMs;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RecordingError(`${file}: cannot read the recording: ${refusalOf(cause)}`, { cause });
  }
}
