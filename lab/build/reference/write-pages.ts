import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { catalogue } from '#kit/metrics.ts';
import { assetFile } from '#kit/process/installation.ts';
import { type Schema, view } from '#kit/schema/json-schema.ts';
import { meanings, outcomes } from '#kit/wire.ts';
import { RunRecord, VariantRecord } from '#lab/evidence/format.ts';
import { kinds } from '#lab/experiment/faults/kinds.ts';
import { type Metric, metrics, units } from '#lab/experiment/metrics/catalogue.ts';
import { Figure } from '#lab/experiment/metrics/figure.ts';
import { Experiment } from '#lab/experiment/schema.ts';
import { Span } from '#lab/experiment/span.ts';
import { SweepResult } from '#lab/explore/result.ts';
import { Percentiles, Result, Series } from '#lab/judge/result/result.ts';
import { terms } from '#lab/kit/text/terms.ts';
import { kindTables, membersBy, optionTable, picked, table } from './tables.ts';
import { listing } from './typescript.ts';

const experiment = view(Experiment);
const { variants, redrives, load, downstream, request } = experiment.properties!;
const [rpc, event] = (variants!.additionalProperties as Schema).oneOf!;

/** Fields that have their own table or page. */
const elsewhere = [
  ...['model', 'policies', 'changes', 'variants', 'faults', 'redrives', 'load', 'downstream', 'request'],
  'consumer.redelivery.backoff',
];
const options = (schema: Schema) => optionTable(schema, elsewhere);
/** True for a field that variants have on both paths. */
const isOfBoth = (name: string) => name in rpc!.properties! && name in event!.properties!;

const windows = {
  any: 'Of a run or a window:',
  whole: 'Of a run alone:',
  after: 'Of a window after a fault or a phase alone:',
};

const faultKinds = Object.entries(kinds).flatMap(([to, some]) =>
  Object.entries(some).map(([name, kind]) => ({ to, name, schema: view(kind.options) })),
);

/** Functions that generate the tables, by the table's marker in a page of docs/reference. */
const tables = {
  metrics: () =>
    Object.entries(windows)
      .map(([only, words]) => {
        const rows = Object.entries<Metric>(metrics).filter(
          ([name, metric]) => (metric.only ?? 'any') === only && !(name in meanings),
        );
        const cells = rows.map(([name, { unit, means }]) => [`\`${name}\``, units[unit].words, means]);
        return `${words}\n\n${table(['metric', 'unit', 'what it counts'], cells)}`;
      })
      .join('\n'),
  outcomes: () =>
    table(
      ['outcome', 'means'],
      outcomes.map((outcome) => [`\`${outcome}\``, meanings[outcome]]),
    ),
  experiment: () => options(experiment),
  variant: () => options(picked(rpc!, (name) => isOfBoth(name) && name !== 'path')),
  'rpc variant': () => options(picked(rpc!, (name) => !isOfBoth(name))),
  'event variant': () => options(picked(event!, (name) => !isOfBoth(name))),
  downstream: () => options(downstream!),
  request: () => options(request!),
  redrives: () => options(redrives!.items!),
  arrivals: () => kindTables(membersBy('kind', load!.items!.properties!.arrivals!)),
  models: () => kindTables(membersBy('kind', downstream!.properties!.model!), ['times']),
  policies: () => kindTables(Object.entries(rpc!.properties!.policies!.items!.properties!), ['class']),
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
      faultKinds.map(({ to, name, schema }) => [`${name}, of ${to}`, { ...schema, description: '' }]),
      ['ratio', 'class', 'stream', 'toxicity'],
    ),
  result: () => resultParts.map(([name, part]) => `### ${name}\n\n${listing(part, namesOfParts)}`).join('\n'),
  sweep: () => listing(view(SweepResult), namesOfParts),
  'run records': () => recordTables(RunRecord),
  'variant records': () => recordTables(VariantRecord),
  terms: () => table(['term', 'means'], Object.entries(terms)),
  'process metrics': () =>
    ['counter', 'gauge', 'histogram']
      .map((type) => {
        const rows = Object.entries(catalogue).filter(([, metric]) => metric.type === type);
        const cells = rows.map(([name, { labels, of, help }]) => [
          `\`${name}${labels.length > 0 ? `{${labels.join()}}` : ''}\``,
          of.join(', '),
          help,
        ]);
        return `## ${type[0]!.toUpperCase()}${type.slice(1)}s\n\n${table(['metric', 'of', 'meaning'], cells)}`;
      })
      .join('\n'),
};

const result = view(Result).properties!;
const variant = result.variants!.items!;
const { errors, machine, leftOut, slowMotion, simulations } = result;
const { firstErrors, self } = variant.properties!;

/** Types that result.md lists apart. Other listings name them. */
const resultParts: readonly (readonly [name: string, Schema])[] = [
  ['Result', view(Result)],
  ['Variant', variant],
  ['Figure', view(Figure)],
  ['Series', view(Series)],
  ['Simulations', simulations!],
  ['Overhead', self!.properties!.overhead!],
  ['Percentiles', view(Percentiles)],
  ['Span', view(Span)],
  ['FirstError', firstErrors!.properties!.ok!.items!],
  ['Counts', errors!.items!.properties!.counts!],
  ['Machine', machine!],
  ['SlowMotion', slowMotion!],
  ['LeftOut', leftOut!],
];
const namesOfParts = new Map(
  [...resultParts, ['Broker', event!.properties!.broker!] as const].map(([name, { properties = {} }]) => [
    properties,
    name,
  ]),
);

const recordTables = (records: object): string =>
  membersBy('record', records)
    .map(([name, record]) => `#### ${name}\n\n${record.description}\n\n${listing(record, namesOfParts)}`)
    .join('\n');

/** Returns a page in which the table of this name is replaced by the current table. */
export const withTable = (page: string, name: keyof typeof tables): string =>
  page.replace(new RegExp(`(?<=<!-- ${name} -->\n)[^]*?(?=<!-- end of ${name} -->)`), tables[name]);

if (import.meta.main) {
  const names = Object.keys(tables) as (keyof typeof tables)[];
  for (const file of globSync(assetFile('docs/reference/*.md')))
    writeFileSync(file, names.reduce(withTable, readFileSync(file, 'utf8')));
}
