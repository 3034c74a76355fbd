import { fileURLToPath } from 'node:url';
import type { Listening } from '#kit/service.ts';
import type { Command, Ports } from '#lab/testbed/process/child.ts';
import { nodeOptions } from '#lab/testbed/process/node-options.ts';
import type { ServiceProcess } from '#lab/topology/names.ts';
import { serviceOf } from '#lab/topology/replicas.ts';

interface Options {
  readonly config: unknown;
  /** 0 takes a free one. */
  readonly ports: { readonly traffic: number; readonly control: number };
  /** What it has to know beside its configuration. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** A process of one of our services on loopback. */
export function serviceCommand(name: ServiceProcess | 'netproxy', options: Options): Command {
  const { config, ports, env, logFile } = options;
  const main = fileURLToPath(new URL(`../../../services/${serviceOf(name)}/main.ts`, import.meta.url));
  return {
    name,
    file: process.execPath,
    args: [...nodeOptions, main],
    env: {
      CONFIG: JSON.stringify(config),
      PORT: String(ports.traffic),
      CONTROL_PORT: String(ports.control),
      ...env,
    },
    logFile,
    ready: portsIn,
  };
}

function portsIn(line: string): Ports | undefined {
  if (!line.includes('"listening"')) return undefined;
  const { traffic, control } = JSON.parse(line).listening as Listening;
  return { traffic, control };
}
