import type { Guard } from '#lab/world/process/guard.ts';
import { hasGrafana } from '#test/support/grafana.ts';
import { command, docker } from './command.ts';
import { root } from './versions.ts';

const files = ['docker-compose.yml', ...(hasGrafana ? [] : ['test/system/compose/without-grafana.yml'])];
/** Docker chooses a free port for each 0, so that no port collides with a running testbed. */
const ports = { GATEWAY_PORT: '0', PUBLISHER_PORT: '0', PROMETHEUS_PORT: '0', GRAFANA_PORT: '0' };

let projects = 0;
/** Prefix of the names of test projects. The pid of the test process follows it. */
const prefix = 'spillway-test-';

/** Separate compose project. Without Grafana, unless its image can be pulled. */
export class Project {
  readonly name = `${prefix}${process.pid}-${projects++}`;
  readonly #volumes = new Set<string>();
  #guard: Guard | undefined;

  /** Name of the image with the package. */
  get image(): string {
    return `spillway:${this.name}`;
  }

  /** Makes the guard remove the project if this process is killed. Returns a function that cancels this. */
  guardedBy(guard: Guard): () => void {
    this.#guard = guard;
    return guard.command(['docker', ...removal(this.name)]);
  }

  /** Runs `docker compose` in this project, optionally with more files and variables. Rejects with CommandError. */
  compose(
    args: readonly string[],
    more: { files?: string[]; env?: Record<string, string> } = {},
  ): Promise<string> {
    const all = [...files, ...(more.files ?? [])].flatMap((file) => ['--file', file]);
    const env = { ...ports, ...more.env };
    const options = { cwd: root, env, guard: this.#guard };
    return command('docker', ['compose', '--project-name', this.name, ...all, ...args], options);
  }

  /** Runs a shell script in which `docker compose` uses this project. Rejects with CommandError. */
  shell(script: string): Promise<string> {
    const env = { ...ports, COMPOSE_PROJECT_NAME: this.name, COMPOSE_FILE: files.join(':') };
    return command('sh', ['-ec', script], { cwd: root, env });
  }

  /** Runs a command in the first container of the service. */
  exec(service: string, args: readonly string[]): Promise<string> {
    return this.compose(['exec', '--no-TTY', service, ...args]);
  }

  /** Returns the URL of a service's published port. */
  async url(service: string, port: number): Promise<string> {
    return `http://${(await this.compose(['port', service, String(port)])).trim()}`;
  }

  /** Resolves with what `docker inspect` says about all containers of the project, including ended containers. */
  async containers(): Promise<Container[]> {
    const ids = (await this.compose(['ps', '--all', '--quiet'])).trim().split('\n');
    return JSON.parse(await docker('inspect', ...ids));
  }

  /** Lists the project's remaining containers, networks and volumes, including volumes that earlier calls found. */
  async left(): Promise<string[]> {
    const mine = ['--filter', `label=com.docker.compose.project=${this.name}`];
    const listed = async (...args: string[]) => (await docker(...args)).split('\n').filter(Boolean);
    const containers = await listed('ps', '--all', '--quiet', ...mine);
    const networks = await listed('network', 'ls', '--quiet', ...mine);
    if (containers.length > 0) {
      const all: Container[] = JSON.parse(await docker('inspect', ...containers));
      // Anonymous volumes have no label of the project, so they are found by the containers that mount them.
      for (const { Name } of all.flatMap(({ Mounts }) => Mounts)) if (Name) this.#volumes.add(Name);
    }
    for (const name of await listed('volume', 'ls', '--quiet', ...mine)) this.#volumes.add(name);
    const volumes = await listed('volume', 'ls', '--quiet');
    return [...containers, ...networks, ...volumes.filter((name) => this.#volumes.has(name))];
  }

  /** Stops the project and removes its containers, networks and volumes. */
  async down(): Promise<void> {
    await this.compose(['--profile', '*', 'down', '--volumes', '--timeout', '5']);
  }

  /** Does the same as `down`, and removes the project's image. */
  async forget(): Promise<void> {
    await this.down();
    await docker('rmi', '--force', this.image);
  }
}

interface Published {
  readonly HostIp: string;
  readonly HostPort: string;
}

/** Part of `docker inspect` that tests read. */
export interface Container {
  readonly Config: { readonly Labels: Record<string, string> };
  readonly State: { readonly StartedAt: string };
  readonly NetworkSettings: { readonly Ports: Readonly<Record<string, readonly Published[] | null>> };
  readonly Mounts: readonly { readonly Name?: string }[];
}

/** Arguments of `docker` that remove a project without waiting for its containers to stop. */
const removal = (name: string) => ['compose', '--project-name', name, 'down', '--volumes', '--timeout', '0'];

/** Removes the projects of test runs that were killed. */
export async function removeLeftovers(): Promise<void> {
  const names = (await docker('ps', '--all', '--format', '{{.Label "com.docker.compose.project"}}')).split(
    '\n',
  );
  for (const name of new Set(names)) {
    const owner = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : process.pid;
    if (!isAlive(owner)) await docker(...removal(name));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
