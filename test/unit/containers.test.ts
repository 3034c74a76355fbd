import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { memberEnv } from '#kit/broker/cluster.ts';
import { version } from '#kit/process/installation.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { serversMax } from '#lab/kit/topology/broker-options.ts';
import { namesOf } from '#lab/kit/topology/replicas.ts';
import { read } from '#test/tidy/tree.ts';

const { services } = parse(read('docker-compose.yml')!, { merge: true });
const ofRun = parse(
  read('lab/world/compose/compose.yml')!.replaceAll(/!reset (null|\[\])/g, 'none'),
).services;
const cluster = parse(read('lab/world/compose/cluster.yml')!.replaceAll('!override', ''), { merge: true });
const dockerfile = read('Dockerfile')!;
const ofPackage = parse(read('lab/build/package/compose.override.yml')!, { merge: true }).services;

describe.each(Object.keys(services))('docker-compose.yml: %s', (name) => {
  const service = services[name];
  // The command becomes the owner of the folder of runs, and gets the signals itself.
  const isLab = name === 'lab';

  test('has few rights and few means', () => {
    expect(service).toMatchObject({
      init: !isLab,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(Object.keys(service)).not.toContain('privileged');
    expect(service.cap_add).toEqual(isLab ? ['SETUID', 'SETGID'] : undefined);
    const { cpus, memory, pids } = service.deploy.resources.limits;
    expect(Number(cpus)).toBeGreaterThan(0);
    expect(memory).toMatch(/^\d+[MG]$/);
    expect(pids).toBeGreaterThan(0);
  });

  test('runs without privileges', () => {
    if (isLab) expect(service.user).toBe('0:0');
    else if (service.image.startsWith('spillway')) expect(service.user).toBe(undefined);
    else expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
  });

  test('publishes ports to this machine alone', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(service.network_mode ?? 'none').toBe('none');
  });

  test('ends without a stop or reports its health', () => {
    if (service.restart !== 'no') expect(service.healthcheck.test[0]).toBe('CMD');
  });
});

describe.each(Object.keys(ofRun))('lab/world/compose/compose.yml: %s', (name) => {
  test('has no health check, and waits for none', () => {
    expect(ofRun[name].healthcheck).toBe('none');
    const waits = { ...services[name].depends_on, ...ofRun[name].depends_on };
    for (const [other, { condition }] of Object.entries<{ condition: string }>(waits))
      expect(condition).toBe(other === 'secrets' ? 'service_completed_successfully' : 'service_started');
  });
});

describe('lab/world/compose/cluster.yml', () => {
  const servers = namesOf('nats', serversMax);

  test.each(servers)('%s is like nats, without a health check and with its own configuration', (name) => {
    const { networks, command, environment, ...own } = cluster.services[name];
    const {
      networks: ofNats,
      command: before,
      environment: variables,
      healthcheck,
      ...common
    } = services.nats;
    expect(own).toEqual({ ...common, image: own.image, restart: 'no' });
    expect(common.image).toMatch(own.image.replace('}', ''));
    expect(environment).toEqual({ ...variables, ...memberEnv });
    expect(healthcheck).toBeDefined();
    expect(Object.keys(networks)).toEqual(ofNats);
    const config = `/etc/nats/spillway/broker/${name}.conf`;
    expect(command).toEqual(before.with(-1, config));
  });
});

test('every image that is built gets the package that has docker-compose.override.yml', () => {
  const built = Object.keys(services).filter((name) => services[name].build);
  expect(Object.keys(ofPackage).toSorted()).toEqual(built.toSorted());
  for (const name of built) expect(ofPackage[name].build.additional_contexts).toEqual({ package: '.' });
});

test('downstream forgets no effect of a run', () => {
  expect(services.downstream.environment.EFFECTS_BYTES_MAX).toBeGreaterThan(0);
  expect(ofRun.downstream.environment.EFFECTS_BYTES_MAX).toBe(0);
});

describe('Dockerfile', () => {
  /** The image, without the stages that build the package. */
  const image = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

  test('has the programs run without privileges, as a user whose number is known', () => {
    const users = Array.from(image.matchAll(/^USER (.*)$/gm), ([, user]) => user);
    expect(users).toEqual(['1000:1000']);
  });

  test('labels the image with the version of the package, and uses the Node of .env by default', () => {
    expect(image).toContain(`org.opencontainers.image.version="${version}"`);
    const [, node] = /^ARG NODE_IMAGE=(.*)$/m.exec(dockerfile)!;
    expect(read('.env')).toContain(`\nNODE_IMAGE=${node}\n`);
  });
});

test.each(['01-short.yaml', 'rolling.yaml'])(
  'deploy/swarm/%s is a valid experiment for two replicas',
  (file) => {
    const { replicas } = parseExperiment(read(`deploy/swarm/${file}`)!, file);
    expect(new Set(Object.values(replicas))).toEqual(new Set([2]));
  },
);
