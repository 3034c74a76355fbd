import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TObject, TSchema } from 'typebox';
import { meanings, outcomes } from '#kit/wire.ts';
import { kinds } from '#lab/faults/kinds.ts';
import { type Metric, metrics, units } from './hypothesis/metrics.ts';
import { Experiment } from './schema.ts';

/** Page in docs/reference of each table. */
const pages = {
  metrics: 'hypotheses.md',
  faults: 'faults.md',
  outcomes: 'ledger.md',
  experiment: 'experiment.md',
  'rpc variant': 'experiment.md',
  'event variant': 'experiment.md',
  downstream: 'experiment.md',
  redrives: 'experiment.md',
  arrivals: 'load.md',
  models: 'models.md',
  policies: 'policies.md',
};

const windows = { whole: 'no', after: 'after a fault or a phase only', any: 'yes' };

/** Generated tables, by their marker in a page. */
const tables: Readonly<Record<keyof typeof pages, () => string>> = {
  metrics: () =>
    table(
      ['metric', 'unit', 'what it counts', 'in windows'],
      Object.entries<Metric>(metrics).map(([name, { unit, means, only }]) => [
        `\`${name}\``,
        units[unit].words,
        means,
        windows[only ?? 'any'],
      ]),
    ),
  outcomes: () =>
    table(
      ['outcome', 'means'],
      outcomes.map((outcome) => [`\`${outcome}\``, meanings[outcome]]),
    ),
  experiment: () => fieldTable(experiment),
  'rpc variant': () => fieldTable(rpc!),
  'event variant': () => fieldTable(event!),
  downstream: () => fieldTable(downstream!),
  redrives: () => fieldTable(redrives!.items!),
  arrivals: () => kindTables(byKind(load!.items!.properties!.arrivals!)),
  models: () => kindTables(byKind(downstream!.properties!.model!)),
  policies: () => kindTables(Object.entries(rpc!.properties!.policies!.items!.properties!)),
  faults: () =>
    table(
      ['kind', 'what happens', 'to', 'options'],
      Object.entries(kinds).flatMap(([to, some]) =>
        Object.entries(some).map(([name, { options }]) => [
          `\`${name}\``,
          descriptionOf(options),
          to,
          fieldsOf(options),
        ]),
      ),
    ),
};

/** Returns a page with a table filled in. */
export const withTable = (page: string, name: keyof typeof pages): string =>
  page.replace(new RegExp(`(?<=<!-- ${name} -->\n)[^<]*(?=<!-- end of ${name} -->)`), tables[name]);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** JSON Schema of an object, or of several kinds of one, as far as a table shows it. */
interface Fields {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Fields>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Fields[];
  readonly const?: unknown;
  readonly items?: Fields;
  readonly additionalProperties?: Fields;
}

const experiment = Experiment as object as Fields;
const { variants, redrives, load, downstream } = experiment.properties!;
const [rpc, event] = variants!.additionalProperties!.oneOf!;

/** Fields that have a table or a page of their own. */
const elsewhere = ['model', 'policies', 'variants', 'faults', 'redrives', 'load', 'predicted', 'downstream'];

const fieldTable = (fields: Fields): string => table(['field', 'default', 'meaning'], rowsOf(fields));

/** Returns a row for each field, and below an object those of its own fields. */
function rowsOf({ properties = {}, required = [], oneOf }: Fields, path = ''): string[][] {
  if (oneOf) return oneOf.flatMap((kind) => rowsOfKind(kind, path));
  return Object.entries(properties).flatMap(([name, field]) => {
    if (field.const !== undefined) return [];
    const isWhole = path === '' && elsewhere.includes(name);
    const inner = isWhole ? [] : rowsOf(field, `${path}${name}.`);
    const needed = required.includes(name) ? 'required' : '';
    const given = field.default === undefined ? needed : `\`${shown(field.default)}\``;
    return [[`\`${path}${name}\``, inner.length > 0 ? '' : given, descriptionOf(field)], ...inner];
  });
}

/** Returns the rows of an object that has these fields only if its `kind` is this one. */
function rowsOfKind(fields: Fields, path: string): string[][] {
  const kind = String(fields.properties!.kind!.const);
  return [[`\`${path}kind: ${kind}\``, '', descriptionOf(fields)], ...rowsOf(fields, path)];
}

const shown = (value: unknown): string => JSON.stringify(value).replaceAll('"', '');

/** Returns a heading, the description and the fields of each kind. */
const kindTables = (some: readonly (readonly [name: string, Fields])[]): string =>
  some
    .map(([name, fields]) => {
      const described = fields.description ? `${fields.description}\n\n` : '';
      return `### ${name}\n\n${described}${fieldTable(fields)}`;
    })
    .join('\n');

const byKind = ({ oneOf = [] }: Fields): [string, Fields][] =>
  oneOf.map((kind) => [String(kind.properties!.kind!.const), kind]);

/** Lists the fields with their defaults. */
function fieldsOf({ properties }: TObject): string {
  const fields = Object.entries(properties).map(([name, field]: [string, TSchema & { default?: unknown }]) =>
    field.default === undefined ? `\`${name}\`` : `\`${name}\` (${field.default})`,
  );
  return fields.join(', ') || 'none';
}

const descriptionOf = ({ description }: TSchema & { description?: string }): string => description ?? '';

if (import.meta.main) {
  for (const [name, page] of Object.entries(pages)) {
    const file = fileURLToPath(new URL(`../../docs/reference/${page}`, import.meta.url));
    writeFileSync(file, withTable(readFileSync(file, 'utf8'), name as keyof typeof pages));
  }
}
