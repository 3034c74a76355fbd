import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalogue } from '#kit/metrics.ts';
import { meanings, outcomes } from '#kit/wire.ts';
import { RunRecord, VariantRecord } from '#lab/evidence/format.ts';
import { kinds } from '#lab/experiment/faults/kinds.ts';
import { type Metric, metrics, units } from '#lab/experiment/metrics/catalogue.ts';
import { Figure } from '#lab/experiment/metrics/figure.ts';
import { Experiment } from '#lab/experiment/schema.ts';
import { Span } from '#lab/experiment/span.ts';
import { terms } from '#lab/experiment/text/terms.ts';
import { SweepResult } from '#lab/explore/result.ts';
import { Result, Series } from '#lab/judge/result/result.ts';
import { Percentiles } from '#lab/judge/result/self-metrics.ts';
import { fieldTable, kindTables, membersBy, optionTable, type Schema, table, view } from './tables.ts';

/** Page in docs/reference that has the table, by the name of the table. */
const pages = {
  metrics: 'hypotheses.md',
  faults: 'faults.md',
  'fault options': 'faults.md',
  outcomes: 'ledger.md',
  experiment: 'experiment.md',
  'rpc variant': 'experiment.md',
  'event variant': 'experiment.md',
  downstream: 'experiment.md',
  request: 'experiment.md',
  redrives: 'experiment.md',
  arrivals: 'load.md',
  models: 'models.md',
  policies: 'policies.md',
  result: 'result.md',
  sweep: 'sweep.md',
  'run records': 'evidence.md',
  'variant records': 'evidence.md',
  'process metrics': 'metrics.md',
  terms: 'terms.md',
};

const experiment = view(Experiment);
const { variants, redrives, load, downstream, request } = experiment.properties!;
const [rpc, event] = (variants!.additionalProperties as Schema).oneOf!;

/** Fields that have their own table or page. */
const elsewhere = ['model', 'policies', 'variants', 'faults', 'redrives', 'load', 'downstream', 'request'];
const options = (schema: Schema) => optionTable(schema, elsewhere);

const windows = { whole: 'no', after: 'after a fault or a phase only', any: 'yes' };

const faultKinds = Object.entries(kinds).flatMap(([to, some]) =>
  Object.entries(some).map(([name, kind]) => ({ to, name, schema: view(kind.options) })),
);

/** Functions that generate the tables, by the table's marker in a page. */
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
  experiment: () => options(experiment),
  'rpc variant': () => options(rpc!),
  'event variant': () => options(event!),
  downstream: () => options(downstream!),
  request: () => options(request!),
  redrives: () => options(redrives!.items!),
  arrivals: () => kindTables(membersBy('kind', load!.items!.properties!.arrivals!)),
  models: () => kindTables(membersBy('kind', downstream!.properties!.model!)),
  policies: () => kindTables(Object.entries(rpc!.properties!.policies!.items!.properties!)),
  faults: () =>
    table(
      ['kind', 'what happens', 'to', 'options'],
      faultKinds.map(({ to, name, schema }) => [
        `\`${name}\``,
        schema.description ?? '',
        to,
        Object.keys(schema.properties!)
          .map((field) => `\`${field}\``)
          .join(', ') || 'none',
      ]),
    ),
  'fault options': () =>
    kindTables(
      faultKinds
        .filter(({ schema }) => Object.keys(schema.properties!).length > 0)
        .map(({ to, name, schema }) => [`${name}, of ${to}`, schema]),
    ),
  result: () =>
    resultParts.map(([name, part]) => `### ${name}\n\n${fieldTable(part, linksToParts)}`).join('\n'),
  sweep: () => fieldTable(SweepResult),
  'run records': () => recordTables(RunRecord),
  'variant records': () => recordTables(VariantRecord),
  terms: () => table(['term', 'means'], Object.entries(terms)),
  'process metrics': () =>
    table(
      ['metric', 'type', 'unit', 'labels', 'of', 'meaning'],
      Object.entries(catalogue).map(([name, { type, labels, of, help }]) => [
        `\`${name}\``,
        type,
        unitOf(name),
        labels.map((label) => `\`${label}\``).join(', '),
        of.join(', '),
        help,
      ]),
    ),
};

const result = view(Result).properties!;
const variant = result.variants!.items!;

/** Parts of a result that have their own table. Other tables link to these. */
const resultParts: readonly (readonly [name: string, Schema])[] = [
  ['Result', view(Result)],
  ['Variant', variant],
  ['Figure', view(Figure)],
  ['Percentiles', view(Percentiles)],
  ['Span', view(Span)],
  ['Series', view(Series)],
  ['Simulations', result.simulations!],
];
const linksToParts = new Map(
  resultParts.map(([name, { properties = {} }]) => [properties, `[${name}](#${name.toLowerCase()})`]),
);

const recordTables = (records: object): string =>
  membersBy('record', records)
    .map(([name, record]) => `#### ${name}\n\n${record.description}\n\n${fieldTable(record)}`)
    .join('\n');

/** Returns the unit in a metric's name; empty if the name has none. */
function unitOf(name: string): string {
  const [, unit] = /_(seconds|bytes)(?:_total)?$/.exec(name) ?? [];
  return unit ?? '';
}

/** Returns a page in which the table of this name is replaced by the current table. */
export const withTable = (page: string, name: keyof typeof pages): string =>
  page.replace(new RegExp(`(?<=<!-- ${name} -->\n)[^]*?(?=<!-- end of ${name} -->)`), tables[name]);

if (import.meta.main) {
  for (const [name, page] of Object.entries(pages)) {
    const file = fileURLToPath(new URL(`../../../docs/reference/${page}`, import.meta.url));
    writeFileSync(file, withTable(readFileSync(file, 'utf8'), name as keyof typeof pages));
  }
}
