import { Ajv } from 'ajv';
import { type TSchema, Type } from 'typebox';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { datasourceUid } from '#grafana/datasource.ts';
import { files, read } from '#test/tidy/tree.ts';

const strict = (fields: Record<string, TSchema>) => Type.Object(fields, { additionalProperties: false });

/** What Grafana understands of a data source's file, as far as we use it; it ignores in silence what it doesn't. */
const Datasources = strict({
  apiVersion: Type.Literal(1),
  datasources: Type.Array(
    strict({
      name: Type.String({ minLength: 1 }),
      uid: Type.String({ pattern: '^[a-zA-Z0-9_-]{1,40}$' }),
      type: Type.Literal('prometheus'),
      access: Type.Literal('proxy'),
      url: Type.String({ pattern: '^http://[a-z]+:[0-9]+$' }),
      isDefault: Type.Boolean(),
      editable: Type.Boolean(),
      jsonData: strict({
        httpMethod: Type.Union([Type.Literal('GET'), Type.Literal('POST')]),
        timeInterval: Type.String({ pattern: '^[0-9]+(ms|s|m)$' }),
        prometheusType: Type.Union(
          ['Prometheus', 'Cortex', 'Mimir', 'Thanos'].map((name) => Type.Literal(name)),
        ),
        manageAlerts: Type.Boolean(),
      }),
    }),
    { minItems: 1 },
  ),
});

/** The same of a provider of dashboards. */
const Dashboards = strict({
  apiVersion: Type.Literal(1),
  providers: Type.Array(
    strict({
      name: Type.String({ minLength: 1 }),
      orgId: Type.Integer({ minimum: 1 }),
      type: Type.Literal('file'),
      folder: Type.String(),
      folderUid: Type.String({ pattern: '^[a-zA-Z0-9_-]{1,40}$' }),
      disableDeletion: Type.Boolean(),
      allowUiUpdates: Type.Boolean(),
      updateIntervalSeconds: Type.Integer({ minimum: 10 }),
      options: strict({ path: Type.String({ pattern: '^/' }) }),
    }),
    { minItems: 1 },
  ),
});

const schemas: Readonly<Record<string, TSchema>> = { datasources: Datasources, dashboards: Dashboards };
const provisioned = [...files('grafana/provisioning/**/*')].filter(([, text]) => text !== '');

test.each(provisioned)('%s is what Grafana understands', (path, text) => {
  const validate = new Ajv({ allErrors: true }).compile(schemas[path.split('/')[2]!]!);
  validate(parse(text));
  expect(validate.errors).toBe(null);
});

test('the provisioned data source is the one that the dashboards begin with, at the pace of Prometheus', () => {
  const { datasources } = parse(read('grafana/provisioning/datasources/prometheus.yml')!);
  const { scrape_interval } = parse(read('prometheus/prometheus.yml')!).global;
  expect(datasources).toMatchObject([{ uid: datasourceUid, jsonData: { timeInterval: scrape_interval } }]);
});
