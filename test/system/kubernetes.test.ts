import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { brokerVariables, downstreamVariables, readEnv } from '#kit/process/env.ts';
import { root, version } from '#kit/process/installation.ts';
import { urlOf } from '#lab/cli/args.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { engines } from '#lab/testbed/engines.ts';
import { testbedPrograms } from '#lab/testbed/process/programs.ts';
import { serviceNames } from '#lab/topology/names.ts';
import { makeSecrets } from '#secrets/secrets.ts';
import { program } from '#test/support/fake-docker.ts';
import { testFolder } from '#test/support/folder.ts';
import { isAllowed, matches, type Pods, podsOf } from '#test/support/kubernetes/pods.ts';
import {
  copyManifests,
  hasKustomize,
  type KubernetesObject,
  render,
} from '#test/support/kubernetes/render.ts';
import { schemaProblems } from '#test/support/kubernetes/schema.ts';
import { maySkip } from '#test/support/may-skip.ts';

const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

let objects: KubernetesObject[];
let pods: Pods[];

const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
const named = <T extends { readonly name: string }>(all: readonly T[], name: string): T =>
  all.find((each) => each.name === name)!;
const podsNamed = (name: string) => named(pods, name);
const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** Removes the hash that kustomize adds to the names of ConfigMaps and Secrets. */
const withoutHash = (name: string) => name.replace(/-[a-z0-9]{10}$/, '');

/** Pods that serve nothing, so that no probe can ask them. */
const probeless = ['lab', 'runs'];

beforeAll(() => {
  if (!hasKustomize && maySkip()) return;
  copyManifests(folder);
  for (const each of ['spillway', 'broker', 'grafana'])
    mkdirSync(join(folder, 'secrets', each), { recursive: true });
  makeSecrets(join(folder, 'secrets'));
  objects = render(folder);
  pods = podsOf(objects);
});

beforeEach(({ skip }) => {
  if (!hasKustomize && maySkip()) skip('kustomize is not installed');
});

test('has the objects that the other tests check', () => {
  const podNames = pods.map(({ name }) => name);
  expect(podNames.toSorted()).toEqual([...serviceNames, 'nats', ...probeless].toSorted());
  for (const { kind, metadata } of objects)
    expect(metadata.namespace).toBe(kind === 'Namespace' ? undefined : 'spillway');
});

test('agrees with the schemas of the API, without an unknown field', async () => {
  const problems = objects.map(async (object) =>
    (await schemaProblems(object)).map((each) => `${object.kind} ${object.metadata.name}${each}`),
  );
  expect((await Promise.all(problems)).flat()).toEqual([]);
});

test('schemaProblems reports a missing, a wrong and an unknown field', async () => {
  const spec = {
    selector: {},
    replicas: '2',
    template: { spec: { containers: [{ image: 'x', port: 80 }] } },
  };
  const wrong = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec };
  expect(await schemaProblems(wrong)).toEqual([
    '/spec/replicas: {"type":"integer"}',
    '/spec/template/spec/containers/0: {"missingProperty":"name"}',
    '/spec/template/spec/containers/0/port: unknown field',
  ]);
});

test('has no secret of its own: without the files of the user it renders nothing', () => {
  const without = testFolder();
  copyManifests(without);
  expect(() => render(without)).toThrow('secrets/spillway/control-token');
});

test('gives pods no rights and bounds their means', () => {
  for (const { name, spec, container } of pods) {
    expect.soft(spec, name).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect.soft(spec.containers.length + (spec.initContainers?.length ?? 0), name).toBe(1);
    expect.soft(container, name).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    });
    const { requests, limits } = spec.containers[0].resources;
    for (const means of ['cpu', 'memory', 'ephemeral-storage'])
      expect
        .soft([requests[means], limits[means]], `${name} ${means}`)
        .toEqual([expect.stringMatching(/^\d+(m|Mi|Gi)?$/), expect.stringMatching(/^\d+(m|Mi|Gi)?$/)]);
  }
  const [namespace] = ofKind('Namespace');
  expect(namespace?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
});

test('asks each pod that serves for its health, at ports that it has', () => {
  for (const { name, spec, container } of pods) {
    const { startupProbe, readinessProbe, livenessProbe } = spec.containers[0];
    const probes = [startupProbe, readinessProbe, livenessProbe];
    if (probeless.includes(name)) {
      expect.soft(probes, name).toEqual([undefined, undefined, undefined]);
      continue;
    }
    for (const probe of probes) {
      if (probe?.exec)
        expect.soft(probe.exec.command, name).toEqual(['node', 'docker/control.cjs', 'GET', '/readyz']);
      else expect.soft(portNumber(container, probe?.httpGet.port), name).toBe(name === 'nats' ? 8222 : 8081);
    }
  }
});

test('mounts every volume, of claims, configurations and secrets that there are', () => {
  const claims = ofKind('PersistentVolumeClaim').map(({ metadata }) => metadata.name);
  const given = [...ofKind('ConfigMap'), ...ofKind('Secret')].map(({ metadata }) => metadata.name);
  for (const { name, spec, container } of pods) {
    for (const { secret, configMap, persistentVolumeClaim } of sourcesOf(spec)) {
      const wanted = secret?.secretName ?? secret?.name ?? configMap?.name;
      if (wanted !== undefined) expect.soft(given, name).toContain(wanted);
      if (persistentVolumeClaim) expect.soft(claims, name).toContain(persistentVolumeClaim.claimName);
    }
    const volumes = spec.volumes.map((volume: { name: string }) => volume.name);
    const templates = ofKind('StatefulSet')
      .filter(({ metadata }) => metadata.name === name)
      .flatMap((set) => set.spec.volumeClaimTemplates.map((claim: KubernetesObject) => claim.metadata.name));
    expect
      .soft(container.volumeMounts.map((mount) => mount.name).toSorted(), name)
      .toEqual([...volumes, ...templates].toSorted());
  }
});

test('gives each pod only the secrets that it needs', () => {
  const secrets = pods.map(({ name, spec }) => {
    const of = sourcesOf(spec).flatMap(({ secret }) => secret?.secretName ?? secret?.name ?? []);
    return [name, of.map(withoutHash).toSorted()];
  });
  expect(Object.fromEntries(secrets)).toEqual({
    gateway: ['control-token'],
    publisher: ['broker-login', 'control-token'],
    consumer: ['consumer-login', 'control-token'],
    downstream: ['control-token'],
    nats: ['broker-users'],
    lab: ['broker-login', 'control-token'],
    runs: [],
  });
});

test('takes the versions of the package and of docker-compose.yml, and its configuration of the broker', () => {
  const [, nats] = /^NATS_IMAGE=(.*)$/m.exec(read('.env'))!;
  for (const { name, container } of pods)
    expect
      .soft(container.image, name)
      .toBe(name === 'nats' ? nats : `registry.example.com/spillway:${version}`);
  expect(read('deploy/kubernetes/nats.conf')).toBe(read('docker/nats.conf'));
});

test.each(serviceNames)('sets every variable that %s requires, and none that it does not know', (name) => {
  const { container, spec } = podsNamed(name);
  expect(container.args).toEqual([`./dist/${name}.js`]);
  const main = read(testbedPrograms[name]);
  const env = Object.fromEntries(container.env!.map(({ name, value }) => [name, value]));
  for (const [variable, file] of Object.entries(env))
    if (variable.endsWith('_FILE')) {
      const secret = secretAt(spec, container, file);
      if (secret === undefined) continue;
      env[variable] = join(testFolder(), 'secret');
      writeFileSync(env[variable], secret);
    }
  const variables = {
    ...(main.includes('brokerVariables') && brokerVariables),
    ...(main.includes('downstreamVariables') && downstreamVariables),
  };
  const known = readEnv(variables, { ...env });
  expect(known).toMatchObject({
    PORT: 8080,
    CONTROL_PORT: 8081,
    CONTROL_TOKEN: expect.stringMatching(/^.{32}$/),
  });
  if (variables.NATS_URL)
    expect(known).toMatchObject({ NATS_CREDENTIALS: expect.stringMatching(/^\w+:.{32}$/) });
  const own = Array.from(main.matchAll(/^ {2}([A-Z_]+): Type/gm), ([, variable]) => variable);
  const names = Object.keys(known).flatMap((each) => [each, `${each}_FILE`]);
  expect([...names, ...own, 'NODE_OPTIONS']).toEqual(expect.arrayContaining(Object.keys(env)));
});

test('has for each service the pods that it selects, with its ports', () => {
  const services = ofKind('Service');
  expect(services.map(({ metadata }) => metadata.name).toSorted()).toEqual(
    [...serviceNames, 'nats'].toSorted(),
  );
  for (const { metadata, spec } of services) {
    const selected = pods.filter(({ labels }) => matches({ matchLabels: spec.selector }, labels));
    expect.soft(selected.map(({ name }) => name)).toEqual([metadata.name]);
    expect.soft(spec, metadata.name).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
    for (const { port, targetPort } of spec.ports)
      expect.soft(portNumber(selected[0]!.container, targetPort), metadata.name).toBe(port);
  }
  for (const { kind, metadata, spec } of objects)
    if (kind === 'Deployment' || kind === 'StatefulSet')
      expect.soft(matches(spec.selector, spec.template.metadata.labels), metadata.name).toBe(true);
});

test('lets pods make the connections of the design, and no other', () => {
  const policies = ofKind('NetworkPolicy');
  const ports = pods.flatMap((to) =>
    (to.container.ports ?? []).map(({ containerPort }) => ({ to, containerPort })),
  );
  const allowed = pods.flatMap((from) =>
    ports
      .filter(({ to, containerPort: port }) => isAllowed(policies, { from, to, port }))
      .map(({ to, containerPort }) => `${from.name} -> ${to.name}:${containerPort}`),
  );
  expect(allowed.toSorted()).toEqual(
    [
      ...['lab -> gateway:8080', 'lab -> publisher:8080', 'lab -> nats:4222'],
      ...serviceNames.map((name) => `lab -> ${name}:8081`),
      'gateway -> downstream:8080',
      'publisher -> nats:4222',
      ...['consumer -> nats:4222', 'consumer -> downstream:8080'],
    ].toSorted(),
  );
  const calls = pods.flatMap(({ name, container: { env = [], args = [] } }) => {
    const texts = [...env.map(({ value }) => value), ...args];
    const urls = texts.flatMap((text) => Array.from(text.matchAll(/\/\/([a-z]+:\d+)/g), ([, at]) => at));
    return urls.map((at) => `${name} -> ${at}`);
  });
  expect(calls.toSorted()).toEqual(allowed.toSorted());
  const deny = policies.find(({ metadata }) => metadata.name === 'default-deny');
  expect(deny?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  const dns = policies.find(({ metadata }) => metadata.name === 'dns')!;
  const asks = pods.filter(({ labels }) => matches(dns.spec.podSelector, labels)).map(({ name }) => name);
  expect(asks.toSorted()).toEqual([...new Set(calls.map((call) => call.split(' ')[0]))].toSorted());
});

test('has a job that attaches to all parts, and an experiment that says how many replicas run', () => {
  const [job] = ofKind('Job');
  expect(job?.spec).toMatchObject({ suspend: true, backoffLimit: 0 });
  const { args, volumeMounts } = podsNamed('lab').container;
  const urls = args!.flatMap((arg) => (arg.startsWith('--url=') ? [arg.slice('--url='.length)] : []));
  const given = urls.reduce<ReturnType<typeof urlOf>>((before, each) => urlOf(each, before), {});
  expect(engines.attach({ urls: given, ownConsumer: false }).foreign).toEqual(['nats']);
  const file = args!.at(-1)!;
  const mount = volumeMounts.find(({ mountPath }) => file.startsWith(`${mountPath}/`))!;
  const experiments = ofKind('ConfigMap').find(({ metadata }) => withoutHash(metadata.name) === mount.name)!;
  const text = experiments.data![file.slice(mount.mountPath.length + 1)]!;
  const { replicas } = parseExperiment(text, file);
  expect(replicas).toEqual(Object.fromEntries(serviceNames.map((name) => [name, podsNamed(name).replicas])));
});

test('hands the lab its tokens without the ends of their lines', () => {
  const { command, args } = podsNamed('lab').container;
  const bin = testFolder();
  program(join(bin, 'node'), 'printf "%s|" "$SPILLWAY_CONTROL_TOKEN" "$SPILLWAY_NATS_CREDENTIALS" "$@"');
  for (const { container } of pods)
    for (const text of [...container.command, ...(container.args ?? [])])
      expect(text).not.toMatch(/(?<!\$)\$\(/); // Kubernetes would replace it
  const script = command[2]!.replaceAll('$$(', '$(').replaceAll('/run/', `${folder}/secrets/`);
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  const output = execFileSync(command[0]!, [command[1]!, script, ...command.slice(3), ...args!], {
    env,
    encoding: 'utf8',
  });
  const secret = (path: string) => readFileSync(join(folder, 'secrets', path), 'utf8').trimEnd();
  expect(output.split('|').slice(0, -1)).toEqual([
    secret('spillway/control-token'),
    secret('broker/credentials'),
    '/app/bin/spillway.cjs',
    ...args!,
  ]);
});

interface Source {
  readonly secret?: { readonly secretName?: string; readonly name?: string };
  readonly configMap?: { readonly name: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly projected?: { readonly sources: readonly Source[] };
}

/** Returns what the volumes of pods hold. */
const sourcesOf = ({ volumes }: Pods['spec']): Source[] =>
  (volumes as Source[]).flatMap((volume) => volume.projected?.sources ?? [volume]);

/** Returns the number of a container's port with this name. */
const portNumber = (container: Pods['container'], port: string | undefined) =>
  container.ports?.find(({ name }) => name === port)?.containerPort;

/** Returns the content of a file that a volume with a secret has in a container. */
function secretAt(spec: Pods['spec'], container: Pods['container'], file: string): string | undefined {
  const mount = container.volumeMounts.find(({ mountPath }) => file.startsWith(`${mountPath}/`))!;
  const { secret } = named<{ name: string; secret?: { secretName: string } }>(spec.volumes, mount.name);
  if (secret === undefined) return undefined;
  const object = ofKind('Secret').find(({ metadata }) => metadata.name === secret.secretName)!;
  const encoded = object.data![file.slice(mount.mountPath.length + 1)]!;
  return Buffer.from(encoded, 'base64').toString();
}
