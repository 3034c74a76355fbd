import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { serviceNames } from '#lab/topology/names.ts';
import { read } from '#test/tidy/tree.ts';

const { scrape_configs: jobs } = parse(read('prometheus/prometheus.yml')!);

test('prometheus.yml scrapes the load, every service and netproxy by their names, all containers of it, with the token', () => {
  const names = jobs.map((job: { job_name: string }) => job.job_name);
  expect(names.toSorted()).toEqual(['load', 'netproxy', ...serviceNames].toSorted());
  for (const job of jobs) {
    expect(job.dns_sd_configs).toMatchObject([{ names: [job.job_name], type: 'A', port: 8081 }]);
    expect(job.authorization).toEqual({ type: 'Bearer', credentials_file: '/run/spillway/control-token' });
  }
});
