import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { command, docker } from '#test/support/docker/command.ts';
import { root } from './versions.ts';

const files = ['docker-compose.yml', 'test/system/compose/without-grafana.yml'];
/** Free ones, so that a testbed that is up is left alone. */
const ports = { GATEWAY_PORT: '0', PUBLISHER_PORT: '0', PROMETHEUS_PORT: '0', GRAFANA_PORT: '0' };

let projects = 0;

/** A compose project of a test file's own, without Grafana, gone with all it has when the file is done. */
export class Project {
  readonly name = `spillway-test-${process.pid}-${projects++}`;

  /** The image of all services. */
  get image(): string {
    return `spillway:${this.name}`;
  }

  /** `docker compose` in this project, with more files and variables where given. Rejects with CommandError. */
  compose(
    args: readonly string[],
    more: { files?: string[]; env?: Record<string, string> } = {},
  ): Promise<string> {
    const all = [...files, ...(more.files ?? [])].flatMap((file) => ['--file', file]);
    const env = { ...ports, ...more.env };
    return command('docker', ['compose', '--project-name', this.name, ...all, ...args], { cwd: root, env });
  }

  /** Runs a command in a service's container, the first one unless told otherwise. */
  exec(service: string, args: readonly string[], index = 1): Promise<string> {
    return this.compose(['exec', '--no-TTY', '--index', String(index), service, ...args]);
  }

  /** The address on this machine of a service's port. */
  async url(service: string, port: number): Promise<string> {
    return `http://${(await this.compose(['port', service, String(port)])).trim()}`;
  }

  /** What Docker knows of each of the project's containers. */
  async containers(): Promise<Container[]> {
    const ids = (await this.compose(['ps', '--all', '--quiet'])).trim().split('\n');
    return JSON.parse(await docker('inspect', ...ids));
  }

  /** What is left of the project on this machine, as lines. */
  async left(): Promise<string[]> {
    const mine = ['--filter', `label=com.docker.compose.project=${this.name}`, '--quiet'];
    const kinds = [
      ['ps', '--all'],
      ['network', 'ls'],
      ['volume', 'ls'],
    ];
    const lines = await Promise.all(kinds.map((kind) => docker(...kind, ...mine)));
    return lines.join('').split('\n').filter(Boolean);
  }

  async down(): Promise<void> {
    await this.compose(['down', '--volumes', '--timeout', '5']);
  }
}

/** The part of `docker inspect` that tests look at. */
export interface Container {
  readonly Config: { readonly Image: string; readonly User: string; readonly Labels: Record<string, string> };
  readonly HostConfig: Record<string, unknown>;
  readonly NetworkSettings: { readonly Ports: Record<string, { HostIp: string }[] | null> };
}

/**
 * Gives a test file a project, and prepares it. Without a Docker its tests are skipped, for the reason that the set-up
 * has said.
 */
export function withProject(prepare: (project: Project) => Promise<unknown>): Project {
  const project = new Project();
  const noDocker = inject('noDocker');
  beforeEach(({ skip }) => skip(noDocker !== undefined, noDocker));
  if (noDocker !== undefined) return project;
  beforeAll(() => prepare(project));
  afterAll(async () => {
    await project.down();
    await docker('rmi', '--force', project.image);
  });
  return project;
}
