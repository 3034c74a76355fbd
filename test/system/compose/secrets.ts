import { expect, test } from 'vitest';
import { docker } from '#test/support/docker/command.ts';
import type { Project } from '#test/support/docker/project.ts';
import { ask } from './control.ts';

/** Defines tests of a running project's secrets. Other tests share the project, since starting it takes long. */
export function keepsSecrets(project: Project): void {
  test('guards every control port', async () => {
    for (const service of ['load', 'gateway', 'publisher', 'consumer', 'downstream']) {
      const url = `http://${service}:8081/metrics`;
      expect(await ask(project, 'gateway', url, false), service).toMatchObject({ status: 401 });
    }
  });

  test('guards the broker', async () => {
    const script = `
      const socket = require('net').connect(4222, 'nats', () => socket.write('CONNECT {}\\r\\nPING\\r\\n'));
      let text = '';
      socket.on('data', (data) => {
        text += data;
        if (/-ERR|PONG/.test(text)) process.exit(console.log(text));
      });`;
    expect(await project.exec('publisher', ['node', '-e', script])).toContain('Authorization Violation');
  });

  test('is in no image, no environment and no log', async () => {
    const secret = (
      await project.exec('publisher', ['cat', '/run/spillway/control-token', '/run/broker/credentials'])
    ).trim();
    const [token = '', password = ''] = secret.split('\n').map((line) => line.split(':').at(-1));
    expect([token.length, password.length]).toEqual([32, 32]);
    const files = await docker(
      'run',
      '--rm',
      '--network=none',
      '--entrypoint=ls',
      project.image,
      '/run/spillway',
      '/run/broker',
      '/run/grafana',
    );
    expect(files.match(/^[\w-]+$/gm)).toBeNull();
    const said = JSON.stringify(await project.containers()) + (await project.compose(['logs']));
    expect(said.includes(token) || said.includes(password)).toBe(false);
  });
}
