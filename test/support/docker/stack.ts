import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Guard } from '#lab/world/process/guard.ts';
import { makeSecrets } from '#secrets/secrets.ts';
import { type Spillway, watch } from '#test/support/spillway.ts';
import { command, docker, succeeds } from './command.ts';
import { patiently } from './patiently.ts';
import { pinned, root } from './versions.ts';

const lines = (text: string): string[] => text.split('\n').filter(Boolean);

/** Stack of deploy/swarm/stack.yml. If this machine is in no swarm, it is in its own for as long as the stack. */
export class Stack {
  readonly #name: string;
  readonly #env: Readonly<Record<string, string>>;
  #hasSwarm = false;
  #revoke = () => {};

  /** `folder` gets the secrets. */
  constructor(name: string, image: string, folder: string) {
    this.#name = name;
    const SECRETS = join(folder, 'secrets');
    this.#env = { STACK: name, SPILLWAY_IMAGE: image, NATS_IMAGE: pinned('NATS_IMAGE'), SECRETS };
  }

  get #label(): string {
    return `label=com.docker.stack.namespace=${this.#name}`;
  }

  /** Resolves when all replicas run. The guard removes the stack if this process is killed. */
  async deploy(guard: Guard, file = `${root}deploy/swarm/stack.yml`): Promise<void> {
    const { SECRETS = '', SPILLWAY_IMAGE = '' } = this.#env;
    for (const each of ['spillway', 'broker', 'grafana']) mkdirSync(join(SECRETS, each), { recursive: true });
    makeSecrets(SECRETS);
    if ((await docker('info', '--format', '{{.Swarm.LocalNodeState}}')).trim() !== 'active') {
      this.#hasSwarm = true;
      await docker('swarm', 'init', '--advertise-addr=127.0.0.1');
    }
    const leave = this.#hasSwarm ? 'docker swarm leave --force' : '';
    const removal = `
      docker rm --force ${this.#name}-lab
      for second in $(seq 60); do
        docker stack rm ${this.#name}
        [ -z "$(docker network ls --quiet --filter ${this.#label})" ] && break
        sleep 1
      done
      ${leave}`;
    this.#revoke = guard.command(['sh', '-c', removal]);
    const stream = `${this.#name}_stream:/run/stream`;
    await docker('run', '--rm', '--network=none', `--volume=${stream}`, '--entrypoint=true', SPILLWAY_IMAGE);
    const args = ['--detach=false', '--resolve-image=never', '--compose-file', file, this.#name];
    await command('docker', ['stack', 'deploy', ...args], { env: this.#env });
  }

  /** Starts an experiment on the stack, in a container. Its runs are in the folder `runs` of `cwd`. */
  lab(cwd: string, ...args: string[]): Spillway {
    const env = { ...process.env, ...this.#env };
    return watch(spawn(`${root}deploy/swarm/lab`, ['--verbose', ...args], { cwd, env, detached: true }));
  }

  /** Kills a replica without a chance to stop. */
  async kill(service: string): Promise<void> {
    const [id] = lines(await docker('ps', '--quiet', '--filter', `name=^${this.#name}_${service}\\.`));
    await docker('kill', id!);
    await docker('wait', id!);
  }

  /** Waits until two replicas of a service are healthy. */
  async replaced(service: string): Promise<void> {
    const filters = [`--filter=name=^${this.#name}_${service}\\.`, '--filter=health=healthy'];
    const areThere = async () => lines(await docker('ps', '--quiet', ...filters)).length === 2;
    await patiently(areThere, `two replicas of ${service} are healthy`);
  }

  /** Replaces all replicas of services. Resolves when the new ones are stable. */
  async update(...services: string[]): Promise<void> {
    const update = (service: string) =>
      docker('service', 'update', '--quiet', '--force', '--detach=false', `${this.#name}_${service}`);
    await Promise.all(services.map(update));
  }

  async remove(): Promise<void> {
    await succeeds(docker('rm', '--force', `${this.#name}-lab`));
    // If the swarm were left before, Docker would keep its networks, and they would be in the way of the next swarm.
    // Repeated, since a network that is still in use is not removed.
    await patiently(async () => {
      await succeeds(docker('stack', 'rm', this.#name));
      return (await this.#running()).length === 0;
    }, 'the stack is removed');
    if (this.#hasSwarm) await docker('swarm', 'leave', '--force');
    this.#hasSwarm = false;
    const volumes = await this.#volumes();
    if (volumes.length > 0) await docker('volume', 'rm', ...volumes);
    this.#revoke();
  }

  /** Lists what is left of the stack. */
  async left(): Promise<string[]> {
    return [...(await this.#running()), ...(await this.#volumes())];
  }

  async #running(): Promise<string[]> {
    const kinds = [
      ['ps', '--all'],
      ['network', 'ls'],
    ];
    const listed = kinds.map((kind) => docker(...kind, '--quiet', `--filter=${this.#label}`));
    return (await Promise.all(listed)).flatMap(lines);
  }

  async #volumes(): Promise<string[]> {
    return lines(await docker('volume', 'ls', '--quiet', `--filter=name=^${this.#name}_`));
  }
}
