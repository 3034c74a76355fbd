import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { root, version } from '#kit/process/installation.ts';
import { urlOf } from '#lab/cli/args.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { serviceNames } from '#lab/kit/topology/names.ts';
import { engines } from '#lab/world/engines.ts';
import { makeSecrets } from '#secrets/secrets.ts';
import { testFolder } from '#test/support/folder.ts';
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
/** Objects that create pods, by their names. */
let creators: Record<string, KubernetesObject>;

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const podOf = ({ spec }: KubernetesObject) => spec.template.spec;

beforeAll(() => {
  if (!hasKustomize && maySkip()) return;
  copyManifests(folder);
  for (const each of ['spillway', 'broker', 'grafana'])
    mkdirSync(join(folder, 'secrets', each), { recursive: true });
  makeSecrets(join(folder, 'secrets'));
  objects = render(folder);
  const creating = objects.filter(({ spec }) => spec?.template?.spec !== undefined);
  creators = Object.fromEntries(creating.map((object) => [object.metadata.name, object]));
});

beforeEach(({ skip }) => {
  if (!hasKustomize && maySkip()) skip('kustomize is not installed');
});

test('has pods for every service, the broker and the lab, in a namespace that restricts pods', () => {
  expect(Object.keys(creators).toSorted()).toEqual([...serviceNames, 'lab', 'nats', 'runs'].toSorted());
  for (const { kind, metadata } of objects)
    expect(metadata.namespace).toBe(kind === 'Namespace' ? undefined : 'spillway');
  const namespace = objects.find(({ kind }) => kind === 'Namespace');
  expect(namespace?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
});

test('agrees with the schemas of the API, without an unknown field', async () => {
  const problems = objects.map(async (object) =>
    (await schemaProblems(object)).map((each) => `${object.kind} ${object.metadata.name}${each}`),
  );
  expect((await Promise.all(problems)).flat()).toEqual([]);
  const unknown = { ...objects[0]!, port: 80 };
  expect(await schemaProblems(unknown)).toEqual(['/port: unknown field']);
});

test('has no secret of its own: without the files of the user it renders nothing', () => {
  const without = testFolder();
  copyManifests(without);
  expect(() => render(without)).toThrow('secrets/spillway/control-token');
});

test('gives pods no rights and bounds their means', () => {
  for (const [name, creator] of Object.entries(creators)) {
    const pod = podOf(creator);
    expect.soft(pod, name).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const container of [...pod.containers, ...(pod.initContainers ?? [])])
      expect.soft(container.securityContext, name).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    const { limits } = pod.containers[0].resources;
    for (const means of ['cpu', 'memory', 'ephemeral-storage'])
      expect.soft(limits[means], `${name} ${means}`).toMatch(/^\d+(m|Mi|Gi)?$/);
  }
  const deny = objects.find(({ metadata }) => metadata.name === 'default-deny');
  expect(deny?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
});

test('takes the versions of the package and of docker-compose.yml, and its configuration of the broker', () => {
  const [, nats] = /^NATS_IMAGE=(.*)$/m.exec(read('.env'))!;
  for (const [name, creator] of Object.entries(creators))
    expect
      .soft(podOf(creator).containers[0].image, name)
      .toBe(name === 'nats' ? nats : `registry.example.com/spillway:${version}`);
  expect(read('deploy/kubernetes/nats.conf')).toBe(read('docker/nats.conf'));
});

test('has a job that attaches to all parts, and an experiment that says how many replicas run', () => {
  const { spec } = creators.lab!;
  expect(spec).toMatchObject({ suspend: true, backoffLimit: 0 });
  const args: string[] = podOf(creators.lab!).containers[0].args;
  const urls = args.flatMap((arg) => (arg.startsWith('--url=') ? [arg.slice('--url='.length)] : []));
  const given = urls.reduce<ReturnType<typeof urlOf>>((before, each) => urlOf(each, before), {});
  expect(engines.attach({ urls: given, ownConsumer: false }).foreign).toEqual(['nats']);
  const file = args.at(-1)!.split('/').at(-1)!;
  const experiments = objects.find(({ kind, data }) => kind === 'ConfigMap' && data?.[file] !== undefined)!;
  const { replicas } = parseExperiment(experiments.data![file]!, file);
  const running = serviceNames.map((name) => [name, creators[name]?.spec.replicas ?? 1]);
  expect(replicas).toEqual(Object.fromEntries(running));
});
