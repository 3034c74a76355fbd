import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { version } from '#kit/process/installation.ts';
import { read } from '#test/tidy/tree.ts';

const { services } = parse(read('docker-compose.yml')!, { merge: true });
const ofRun = parse(
  read('lab/testbed/compose/compose.yml')!.replaceAll(/!reset (null|\[\])/g, 'none'),
).services;
const dockerfile = read('Dockerfile')!;
const ofPackage = parse(read('lab/package/compose.override.yml')!, { merge: true }).services;

describe.each(Object.keys(services))('docker-compose.yml: %s', (name) => {
  const service = services[name];

  test('has few rights and few means', () => {
    expect(service).toMatchObject({
      init: true,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(Object.keys(service)).not.toContain('privileged');
    expect(Object.keys(service)).not.toContain('cap_add');
    const { cpus, memory, pids } = service.deploy.resources.limits;
    expect(Number(cpus)).toBeGreaterThan(0);
    expect(memory).toMatch(/^\d+[MG]$/);
    expect(pids).toBeGreaterThan(0);
  });

  test('runs without privileges', () => {
    if (service.image.startsWith('spillway')) expect(service.user).toBe(undefined);
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

describe.each(Object.keys(ofRun))('lab/testbed/compose/compose.yml: %s', (name) => {
  test('has no health check, and waits for none', () => {
    expect(ofRun[name].healthcheck).toBe('none');
    const waits = { ...services[name].depends_on, ...ofRun[name].depends_on };
    for (const [other, { condition }] of Object.entries<{ condition: string }>(waits))
      expect(condition).toBe(other === 'secrets' ? 'service_completed_successfully' : 'service_started');
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

  test('lets any user read what it copies, regardless of its modes', () => {
    const copies = image.match(/^COPY .*$/gm)!;
    expect(copies).not.toEqual([]);
    for (const copy of copies) expect(copy).toMatch(/^COPY --from=package --chmod=755 /);
  });

  test('labels the image with the version of the package, and uses the Node of .env by default', () => {
    expect(image).toContain(`org.opencontainers.image.version="${version}"`);
    const [, node] = /^ARG NODE_IMAGE=(.*)$/m.exec(dockerfile)!;
    expect(read('.env')).toContain(`\nNODE_IMAGE=${node}\n`);
  });
});
