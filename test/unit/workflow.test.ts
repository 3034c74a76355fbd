import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { read } from '#test/tidy/tree.ts';

test('workflows name scripts, files and workflows that exist', () => {
  const names = ['ok', 'release', 'site'].map((name) => `.github/workflows/${name}.yml`);
  const texts = names.map((name) => read(name)!).join('\n');
  const files = texts.matchAll(/(?<![\w./-])((?:bin|lab|test|\.github)\/[\w./-]*\w)/g);
  const own = new Set(Array.from(files, ([file]) => file));
  expect(own).toContain('lab/build/package/build-package.ts');
  expect([...own].filter((file) => read(file) === undefined)).toEqual([]);
  const { scripts } = JSON.parse(read('package.json')!);
  for (const [, script] of texts.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([script!]);
  for (const [, workflow] of texts.matchAll(/gh workflow run (\S+)/g))
    expect(names).toContain(`.github/workflows/${workflow}`);
});

interface Step {
  readonly run?: string;
  readonly if?: string;
  readonly env?: object;
}

const job = parse(read('.github/workflows/ok.yml')!).jobs.demo;
const steps: readonly Step[] = job.steps;
const { services } = parse(read('docker-compose.yml')!, { merge: true });
const stepWith = (text: string) => steps.find(({ run }) => run?.includes(text))!;

test('the job demo runs on the own Docker of its machine, with pinned images and with the newest NATS', () => {
  expect(job).not.toHaveProperty('container');
  expect(job.strategy.matrix.nats).toEqual(['pinned', 'newest']);
  const { run, if: when } = stepWith('NATS_IMAGE');
  expect(when).toBe("matrix.nats == 'newest'");
  // Applies the script of sed to the file.
  const [, pattern, image] = /^sed -i 's\/(.*)\/(.*)\/' \.env$/.exec(run!)!;
  const [before, after] = [read('.env')!, read('.env')!.replace(new RegExp(pattern!, 'm'), image!)];
  expect(after).not.toBe(before);
  // The image with Alpine has wget, which the health check of compose uses.
  expect(after).toMatch(/^NATS_IMAGE=nats:alpine$/m);
});

test('the job demo pulls every image that compose does not build, and then runs the tests of `up` with Grafana', () => {
  const pulled = /^docker compose pull --quiet (.*)$/.exec(stepWith('pull').run!)![1]!.split(' ');
  const named = Object.keys(services).filter((name) => !services[name].image.startsWith('spillway:'));
  expect(pulled.toSorted()).toEqual(named.toSorted());
  const { run, env } = steps.at(-1)!;
  const [, file] = /^npx vitest run --project compose (test\/system\/compose\/\S+)$/.exec(run!)!;
  expect(read(file!)).toBeDefined();
  expect(env).toEqual({ SPILLWAY_TEST_GRAFANA: '1', SPILLWAY_SKIP: 'never' });
});
