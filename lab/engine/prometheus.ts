import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Command } from './child.ts';
import { findExecutable } from './executable.ts';
import { type ServiceName, serviceNames } from './testbed.ts';

/** The path of prometheus, where it is installed: `SPILLWAY_PROMETHEUS`, else from the PATH. */
export const findPrometheus = (env: NodeJS.ProcessEnv = process.env): string | undefined =>
  findExecutable('prometheus', env.SPILLWAY_PROMETHEUS, env.PATH);

/** A Prometheus on loopback that scrapes the control ports of a testbed, with its data in `folder`. */
export function prometheusCommand(
  file: string,
  port: number,
  control: Readonly<Record<ServiceName, string>>,
  folder: string,
  logFile: string,
): Command {
  const config = join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: serviceNames.map((name) => ({
        job_name: name,
        static_configs: [{ targets: [new URL(control[name]).host] }],
      })),
    }),
  );
  return {
    name: 'prometheus',
    file,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    logFile,
    ready: (line) =>
      line.includes('Server is ready to receive web requests') ? { traffic: port } : undefined,
  };
}
