import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { CommandError } from '#test/support/docker/command.ts';
import { pinned, root } from '#test/support/docker/versions.ts';
import { listening } from '#test/support/listening.ts';
import { withProject } from './with-project.ts';

const project = withProject((one) => one.compose(['build']));

const refusal = async (ended: Promise<string>): Promise<string> => {
  const error = await ended.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(CommandError);
  return error.message;
};
const up = ['up', '--wait', '--no-build'];

test('a container that crashes in a loop fails `up --wait`, which names it, and says why in its log', async () => {
  const files = ['test/system/compose/crash-loop.yml'];
  for (const service of ['downstream', 'load']) {
    onTestFinished(() => project.down());
    const said = await refusal(project.compose(up, { files, env: { [`CONFIG_${service}`]: '{' } }));
    expect(said).toMatch(new RegExp(`container ${project.name}-${service}-1 .*(unhealthy|exited)`));
    expect(await project.compose(['logs', service])).toContain('CONFIG is not JSON');
    await project.down();
  }
});

test.each([
  ...['NODE_IMAGE', 'NATS_IMAGE', 'PROMETHEUS_IMAGE', 'GRAFANA_IMAGE'],
  ...['GATEWAY_PORT', 'PUBLISHER_PORT', 'PROMETHEUS_PORT', 'GRAFANA_PORT'],
])('%s missing in .env is named, and where it is missing', async (name) => {
  const said = await refusal(project.compose(['--profile', 'grafana', 'config'], { env: { [name]: '' } }));
  expect(said).toContain(`required variable ${name} is missing a value: `);
  expect(said).toContain('.env');
});

test('a port in use is named, in the words of docs/how-to/containers.md beside the variable to change', async () => {
  const page = readFileSync(`${root}docs/how-to/containers.md`, 'utf8');
  const [, quote = '', number = '', variable = ''] =
    /`([^`]*:(\d+) [^`]*already in use)`[^`]*`\.env`,\s+here `(\w+)`/.exec(page) ?? [];
  expect(pinned(variable)).toBe(number);

  const port = String(await listening(createServer()));
  onTestFinished(() => project.down());
  const said = await refusal(project.compose([...up, 'gateway'], { env: { [variable]: port } }));
  for (const words of quote.replace(number, port).split('…')) expect(said).toContain(words.trim());
});

test('every image has a pinned version', () => {
  for (const image of ['NODE', 'NATS', 'PROMETHEUS', 'GRAFANA'])
    expect(pinned(`${image}_IMAGE`)).toMatch(/:v?\d+\.\d+\.\d+/);
});
