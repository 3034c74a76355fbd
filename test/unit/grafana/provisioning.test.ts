import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { datasourceUid } from '#grafana/panels.ts';
import { boards } from '#grafana/write.ts';
import { read } from '#test/tidy/tree.ts';

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
    });
  });
});

test('the provisioned data source is the one that the dashboards begin with, at the pace of Prometheus', () => {
  const { datasources } = parse(read('grafana/provisioning/datasources/prometheus.yml')!);
  const { scrape_interval } = parse(read('prometheus/prometheus.yml')!).global;
  expect(datasources).toMatchObject([{ uid: datasourceUid, jsonData: { timeInterval: scrape_interval } }]);
});
