import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import type { Command } from '#lab/testbed/process/child.ts';
import { findExecutable } from '#lab/testbed/process/executable.ts';

const folderOfRules = fileURLToPath(new URL('../../../prometheus', import.meta.url));

/** The path of prometheus, where it is installed: `SPILLWAY_PROMETHEUS`, else from the PATH. */
export const findPrometheus = (env: NodeJS.ProcessEnv = process.env): string | undefined =>
  findExecutable('prometheus', env.SPILLWAY_PROMETHEUS, env.PATH);

/**
 * A Prometheus on loopback with the project's intervals and rules, and with its data in `folder`. It scrapes the control
 * ports in `targets`: the name of a job to its base URL. Port 0 takes a free one.
 */
export function prometheusCommand(
  file: string,
  port: number,
  targets: Readonly<Record<string, string>>,
  folder: string,
  logFile: string,
): Command {
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, localConfig(targets));
  let traffic = port;
  return {
    name: 'prometheus',
    file,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    logFile,
    ready(line) {
      traffic ||= Number(/Listening on.*address=\S*:(\d+)/.exec(line)?.[1] ?? 0);
      return line.includes('Server is ready to receive web requests') ? { traffic } : undefined;
    },
  };
}

/** The configuration of the containers, with targets on this machine. */
function localConfig(targets: Readonly<Record<string, string>>): string {
  const shared = parse(readFileSync(join(folderOfRules, 'prometheus.yml'), 'utf8'));
  return stringify({
    ...shared,
    rule_files: shared.rule_files.map((rules: string) => join(folderOfRules, rules)),
    scrape_configs: Object.entries(targets).map(([name, url]) => ({
      job_name: name,
      static_configs: [{ targets: [new URL(url).host] }],
    })),
  });
}
