import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { docker } from '#test/support/docker/command.ts';
import { patiently } from '#test/support/docker/patiently.ts';
import type { Project } from '#test/support/docker/project.ts';
import { root } from '#test/support/docker/versions.ts';
import { testFolder } from '#test/support/folder.ts';
import { metric, query } from './control.ts';

const experimentOf = (forMs: number, faults: readonly object[] = []) =>
  countedExperiment({
    load: constant(50, forMs),
    downstream: { model: { kind: 'congestion', failureRatio: 0 } }, // has a knee
    variants: { calls: onPath('rpc', 2000), events: onPath('event', 2000) },
    faults,
  });

/** Defines tests of experiments that are run on a running project, from a container. */
export function runsExperiments(project: Project): void {
  const ask = (service: string, ...request: string[]) =>
    project.exec(service, ['node', 'docker/control.cjs', ...request]);
  const get = async (service: string) => JSON.parse(await ask(service, 'GET', '/config'));
  /** Returns a folder of runs with an experiment. */
  const folderWith = (text: string) => {
    const folder = testFolder();
    writeFileSync(join(folder, 'x.yaml'), text);
    return folder;
  };
  const isTide = () => metric(project, 'load', 'spillway_load_phase').then((phases) => phases === 1);

  test('an experiment on it is seen, by the command of docs/how-to/watch.md, and the tide begins again', async () => {
    const folder = folderWith(experimentOf(2000));
    const page = readFileSync(`${root}docs/how-to/watch.md`, 'utf8');
    const [command = ''] = /docker compose run --rm lab run /.exec(page)!;
    const said = await project.shell(`export RUNS=${folder}; ${command} runs/x.yaml`);
    expect(said).toMatch(/exit 0.*\nReport: runs\/x\//);
    const seen = async (name: string) => {
      const text = `count by (variant) (last_over_time(${name}{variant!=""}[5m]))`;
      return (await query(project, text)).length === 2;
    };
    for (const name of ['spillway_run_variant', 'spillway_load_latency_seconds_count'])
      await patiently(() => seen(name), `Prometheus has seen ${name} of both variants`);
    expect(await isTide()).toBe(true);
  });

  test('nothing stays of an experiment whose container was killed', async () => {
    const slow = fault('own', 'downstream', [0, 20_000], 'latency', { added: { kind: 'fixed', ms: 100 } });
    const env = { RUNS: folderWith(experimentOf(60_000, [slow])) };
    const hasFault = async () => (await ask('downstream', 'GET', '/faults')).includes('"own"');
    const states = () =>
      Promise.all([...['gateway', 'publisher', 'consumer', 'downstream'].map(get), hasFault(), isTide()]);
    const before = await states();
    const container = `${project.name}-killed`;
    await project.compose(['run', '--rm', '--detach', '--name', container, 'lab', 'run', 'runs/x.yaml'], {
      env,
    });
    await patiently(hasFault, 'the fault begins');
    expect(await isTide()).toBe(false);
    await docker('kill', container);
    await patiently(async () => isDeepStrictEqual(await states(), before), 'all is as before');
  });
}
