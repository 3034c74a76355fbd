import { isRecord } from '#kit/schema/schema.ts';

const columnsMax = 110;

/** Writes a value of a JSON file as YAML. A part that fits on the rest of its line is written in braces. */
export function yamlOf(value: Readonly<Record<string, unknown>>): string {
  return `${blockOf(value, '')}\n`;
}

function blockOf(value: unknown, indent: string): string {
  if (Array.isArray(value))
    return value.map((each) => `${indent}- ${partOf(each, `${indent}  `, 2).trimStart()}`).join('\n');
  return Object.entries(value as object)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${indent}${textOf(name)}:${partOf(field, indent, textOf(name).length + 1)}`)
    .join('\n');
}

/** Returns what follows a name or a dash: the value on the same line, or a block below. */
function partOf(value: unknown, indent: string, used: number): string {
  const flow = flowOf(value);
  const isShort = indent.length + used + flow.length < columnsMax;
  if (isShort || (!Array.isArray(value) && !isRecord(value))) return ` ${flow}`;
  const isInList = used === 2;
  return isInList ? blockOf(value, indent) : `\n${blockOf(value, `${indent}  `)}`;
}

function flowOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowOf).join(', ')}]`;
  if (!isRecord(value)) return typeof value === 'string' ? textOf(value) : String(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return fields.length === 0
    ? '{}'
    : `{ ${fields.map(([name, field]) => `${textOf(name)}: ${flowOf(field)}`).join(', ')} }`;
}

/** Words that YAML reads as something else. */
const reserved = /^(true|false|null|yes|no|on|off|y|n)$/i;

const textOf = (text: string): string =>
  /^[a-z][\w-]*( [\w-]+)*$/i.test(text) && !reserved.test(text) ? text : JSON.stringify(text);
