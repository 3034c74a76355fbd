import { dirname } from 'node:path';
import { escapePointer } from '#kit/schema/problems.ts';
import type { Changes, Field } from '#lab/experiment/field.ts';
import { withValues } from '#lab/experiment/file/edit.ts';
import { modeline, withSchemaFrom } from '#lab/experiment/file/modeline.ts';
import type { Point } from './space.ts';
import type { Subject } from './subject.ts';

interface Written {
  /** Name of the command that found the values, and the line that repeats it. */
  readonly by: 'tune' | 'search';
  readonly command: string;
  /** Folder of the new file. */
  readonly folder: string;
  readonly fields: readonly Field[];
  readonly point: Point;
  /** Seed of the new file. @default the one in the text */
  readonly seed?: number;
}

/** A path whose value differs from the file. */
interface Change {
  readonly path: string;
  readonly before: number | undefined;
  readonly now: number;
  readonly values: Changes;
}

/**
 * Returns the experiment's text with the values of a point. Comments and the rest stay as they are, but for what
 * followed from the old values: descriptions of variants name the change. A comment at the beginning lists all changes.
 */
export function changedText({ file: { file, source, experiment } }: Subject, written: Written): string {
  const { by, command, folder, fields, point, seed } = written;
  const changes = changesIn(fields, point);
  const values = new Map<string, number | string>(changes.flatMap(({ values }) => [...values]));
  if (seed !== undefined) values.set('/seed', seed);
  for (const [name, { description }] of Object.entries(experiment.variants)) {
    const pointer = `/variants/${escapePointer(name)}`;
    const own = changes.filter((change) =>
      [...change.values.keys()].some((key) => key.startsWith(`${pointer}/`)),
    );
    const text = `${description} Changed by ${by}: ${own.map((each) => described(each)).join(', ')}.`;
    if (own.length > 0 && description !== '' && text.length <= descriptionMax)
      values.set(`${pointer}/description`, text);
  }
  const moved = withSchemaFrom(withValues(source, values), dirname(file), folder);
  if (changes.length === 0) return moved;
  return withComment(moved, [
    `Changed by \`${command.replaceAll(/\s+/g, ' ')}\`:`,
    ...changes.map((each) => `  ${described(each)}`),
    ...(seed === undefined ? [] : [`  seed is ${seed}`]),
  ]);
}

/** Limit of the schema. */
const descriptionMax = 500;

const changesIn = (fields: readonly Field[], point: Point): Change[] =>
  fields.flatMap(({ path, original, changes }, index) => {
    const now = point[index]!;
    return now === original ? [] : [{ path, before: original, now, values: changes(now) }];
  });

const described = ({ path, before, now }: Change): string =>
  `${path} is ${now}, ${before === undefined ? 'and was not set' : `and was ${before}`}`;

/** Puts a comment below the first line if that names the schema, or else before it. */
export function withComment(text: string, lines: readonly string[]): string {
  const first = modeline.exec(text);
  const at = first?.index === 0 ? first[0].length + 1 : 0;
  return text.slice(0, at) + lines.map((line) => `# ${line}\n`).join('') + text.slice(at);
}
