import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { serviceNames } from '#lab/kit/topology/names.ts';
import { read } from '#test/tidy/tree.ts';

const { scrape_configs: jobs } = parse(read('prometheus/prometheus.yml')!);

test('prometheus.yml scrapes the load, every service and netproxy by their names, all containers of it, with the token', () => {
  const names = jobs.map((job: { job_name: string }) => job.job_name);
  const ofLanes = ['naive', 'guarded'].flatMap((lane) => [`${lane}-gateway`, `${lane}-downstream`]);
  expect(names.toSorted()).toEqual(['load', 'netproxy', ...serviceNames, ...ofLanes].toSorted());
  for (const job of jobs) {
    expect(job.dns_sd_configs).toMatchObject([{ names: [job.job_name], type: 'A', port: 8081 }]);
    expect(job.authorization).toEqual({ type: 'Bearer', credentials_file: '/run/spillway/control-token' });
    const lane = ['publisher', 'consumer', 'downstream'].includes(job.job_name)
      ? 'events'
      : job.job_name.match(/^(\w+)-/)?.[1];
    expect(job.relabel_configs?.[0].replacement).toBe(lane);
  }
});
