import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeWhole } from '#lab/evidence/whole-file.ts';
import type { Changes, Field } from '#lab/experiment/field.ts';
import { withValues } from '#lab/experiment/file/edit.ts';
import { modeline, withSchemaFrom } from '#lab/experiment/file/modeline.ts';
import type { ExperimentText } from '#lab/experiment/read.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import type { Point } from './space.ts';

/** Refuses a file that exists, before anything is simulated. Throws InputError. */
export function refuseExisting(file: string): void {
  if (existsSync(file))
    throw new InputError(`${file} exists already, and no file is replaced: pass --write with another name`);
  if (!existsSync(dirname(file)))
    throw new InputError(`cannot write ${file}: there is no folder ${dirname(file)}`);
}

interface Changed {
  readonly command: string;
  readonly values: ReadonlyMap<string, unknown>;
  readonly lines: readonly string[];
}

/** Writes a changed experiment to a new file, complete or not at all. Throws InputError if it exists by now. */
export async function writeChanged(target: string, text: ExperimentText, changed: Changed): Promise<void> {
  refuseExisting(target);
  await writeWhole(target, changedText(dirname(target), text, changed));
}

/** Returns the text for a folder. A comment at the beginning lists the changes. The rest stays as it is. */
export function changedText(
  folder: string,
  { file, source }: ExperimentText,
  { command, values, lines }: Changed,
): string {
  const text = withSchemaFrom(withValues(source, values), dirname(file), folder);
  if (lines.length === 0) return text;
  const comment = [
    `# Changed by \`${command.replaceAll(/\s+/g, ' ')}\`:`,
    ...lines.map((line) => `#   ${line}`),
  ];
  // Below the first line if that names the schema.
  const first = modeline.exec(text);
  const at = first?.index === 0 ? first[0].length + 1 : 0;
  return `${text.slice(0, at)}${comment.join('\n')}\n${text.slice(at)}`;
}

/** Returns the values of a point that differ from the file, and a line about each. */
export function differing(fields: readonly Field[], point: Point): { values: Changes; lines: string[] } {
  const others = [...fields.entries()].filter(([index, { original }]) => point[index] !== original);
  return {
    values: new Map(others.flatMap(([index, { changes }]) => [...changes(point[index]!)])),
    lines: others.map(
      ([index, { path, original }]) =>
        `${path} is ${point[index]}, ${original === undefined ? 'and was not set' : `and was ${original}`}`,
    ),
  };
}
