import { InvalidError } from '#kit/schema/problems.ts';
import { documented, number } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { arrival, limits } from './arrival.ts';

/** Recorded times, which may be in any order. They are in the experiment or in a file. */
export const replay = arrival({
  options: documented('Arrivals recorded elsewhere, given as `atMs` or `file`.', {
    atMs: Type.Optional(
      Type.Array(number({ from: 0, to: limits.durationMs }), {
        minItems: 1,
        maxItems: 100_000,
        description: 'Scheduled times after the start of the phase.',
      }),
    ),
    file: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description:
          'Text or CSV file of at most 64 MiB, with a scheduled time in ms on each line. The time is in the column `scheduledAtMs` if the first line names it, otherwise in the first column.',
      }),
    ),
    stretch: number(
      { above: 0, to: 1000, default: 1 },
      'Factor of all times: 2 replays them at half their speed.',
    ),
  }),
  check: ({ atMs, file }) =>
    (atMs === undefined) !== (file === undefined)
      ? []
      : [{ pointer: '', message: 'expected exactly one of atMs, file' }],
  plan({ atMs = [], file, stretch }) {
    const recorded = file === undefined ? Float64Array.from(atMs) : readScheduledTimes(file);
    const scheduledAtMs = recorded.map((ms) => ms * stretch).sort();
    return { durationMs: scheduledAtMs.at(-1) ?? 0, count: scheduledAtMs.length, scheduledAtMs };
  },
});

/** Size of the largest recording in bytes: about 64 for each of `limits.requests`. */
const fileBytesMax = 64 * 1024 * 1024;

/** Reads the scheduled times of a recording. Throws InvalidError, also in a browser, which has no files. */
function readScheduledTimes(file: string): Float64Array {
  const lines = read(file).trimEnd().split('\n');
  const header = lines[0]!.split(',').findIndex((name) => name.trim() === 'scheduledAtMs');
  const first = header < 0 ? 0 : 1;
  const column = Math.max(0, header);
  if (lines.length - first > limits.requests)
    throw refusal(`${file}: expected at most ${limits.requests} scheduled times, got ${lines.length}`);
  const scheduledAtMs = new Float64Array(lines.length - first);
  for (let i = first; i < lines.length; i++) {
    const field = lines[i]!.split(',', column + 1)[column]?.trim() ?? '';
    const ms = field === '' ? Number.NaN : Number(field);
    if (!(ms >= 0 && ms <= limits.durationMs))
      throw refusal(
        `${file}:${i + 1}: expected a scheduled time from 0 to ${limits.durationMs} ms, got ${JSON.stringify(field)}`,
      );
    scheduledAtMs[i - first] = ms;
  }
  return scheduledAtMs;
}

function read(file: string): string {
  try {
    const { readFileSync, statSync } = process.getBuiltinModule('node:fs');
    const stats = statSync(file);
    if (!stats.isFile()) throw refusal(`${file}: expected a regular file`);
    if (stats.size > fileBytesMax)
      throw refusal(`${file}: expected at most ${fileBytesMax} bytes, got ${stats.size}`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof InvalidError) throw error;
    throw refusal(`${file}: cannot read the recording: ${refusalOf(error)}`, error);
  }
}

const refusal = (message: string, cause?: unknown): InvalidError =>
  new InvalidError([{ pointer: '/file', message }], { cause });
