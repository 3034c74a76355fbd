import { Ajv } from 'ajv';
import type { TSchema } from 'typebox';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { datasourceUid } from '#grafana/panels.ts';
import { boards } from '#grafana/write.ts';
import { Type } from '#kit/schema/type.ts';
import { files, read } from '#test/tidy/tree.ts';

const strict = (fields: Record<string, TSchema>) => Type.Object(fields, { additionalProperties: false });

/**
 * Schema of a data source's file, with the fields that we use, since Grafana ignores wrong fields without a message.
 * Documentation: https://grafana.com/docs/grafana/latest/administration/provisioning/, and for jsonData
 * https://grafana.com/docs/grafana/latest/datasources/prometheus/configure/.
 */
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

/** Schema of a dashboard provider's file, with the fields that we use. */
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

/**
 * Settings of Grafana that we change, with the names of its conf/defaults.ini. Grafana reads a setting from the
 * variable GF_SECTION_KEY, or from the file that the variable GF_SECTION_KEY__FILE names:
 * https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/.
 */
const settings: readonly (readonly [section: string, keys: readonly string[]])[] = [
  ['security', ['admin_password', 'disable_gravatar']],
  ['auth.anonymous', ['enabled', 'org_role']],
  ['users', ['allow_sign_up']],
  ['dashboards', ['default_home_dashboard_path']],
  [
    'analytics',
    ['reporting_enabled', 'check_for_updates', 'check_for_plugin_updates', 'feedback_links_enabled'],
  ],
  ['snapshots', ['external_enabled']],
  ['news', ['news_feed_enabled']],
  ['plugins', ['preinstall_disabled', 'preinstall_auto_update']],
];

describe('docker-compose.yml', () => {
  const { services } = parse(read('docker-compose.yml')!, { merge: true });
  const { grafana } = services;
  /** Returns the path in Grafana's container at which a volume or folder of the project is mounted. */
  const mounted = (source: string): string =>
    grafana.volumes
      .map((volume: string) => volume.split(':'))
      .find(([from]: string[]) => from === source)?.[1];
  const [provider] = parse(read('grafana/provisioning/dashboards/spillway.yml')!).providers;
  const [datasource] = parse(read('grafana/provisioning/datasources/prometheus.yml')!).datasources;

  test('has Grafana read the provisioning where it looks for it, and the dashboards where that says', () => {
    expect(mounted('./grafana/provisioning')).toBe('/etc/grafana/provisioning');
    expect(mounted('./grafana/dashboards')).toBe(provider.options.path);
  });

  test('has Grafana open with the first of the dashboards', () => {
    const home = grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH;
    expect(home).toBe(`${provider.options.path}/${Object.keys(boards)[0]}.json`);
    expect(read(home.replace(provider.options.path, 'grafana/dashboards'))).toBeDefined();
  });

  test('has the data source where it is looked for, on a network with Grafana', () => {
    const { hostname, port } = new URL(datasource.url);
    const ports = services[hostname].ports.map((published: string) => published.split(':').at(-1));
    expect(ports).toContain(port);
    const shared = services[hostname].networks.filter((name: string) => grafana.networks.includes(name));
    expect(shared).not.toEqual([]);
  });

  test('has the password in a volume of Grafana', () => {
    const file = grafana.environment.GF_SECURITY_ADMIN_PASSWORD__FILE;
    expect(file).toBe(`${mounted('grafana-password')}/grafana-password`);
  });

  test('lets anyone view and no one log in, and has Grafana make no outside calls', () => {
    expect(grafana.environment).toMatchObject({
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
      GF_USERS_ALLOW_SIGN_UP: 'false',
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
      GF_SNAPSHOTS_EXTERNAL_ENABLED: 'false',
      GF_SECURITY_DISABLE_GRAVATAR: 'true',
      GF_NEWS_NEWS_FEED_ENABLED: 'false',
      GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    });
  });

  test('sets what Grafana has settings for', () => {
    const known = settings.flatMap(([section, keys]) =>
      keys.map((key) => `GF_${section}_${key}`.replace('.', '_').toUpperCase()),
    );
    const set = Object.keys(grafana.environment).map((name) => name.replace(/__FILE$/, ''));
    expect(set.toSorted()).toEqual(known.toSorted());
  });
});

test('the provisioned data source is the one that the dashboards begin with, at the pace of Prometheus', () => {
  const { datasources } = parse(read('grafana/provisioning/datasources/prometheus.yml')!);
  const { scrape_interval } = parse(read('prometheus/prometheus.yml')!).global;
  expect(datasources).toMatchObject([{ uid: datasourceUid, jsonData: { timeInterval: scrape_interval } }]);
});
