import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { testFolder } from '#test/support/folder.ts';
import { startSpillway } from '#test/support/spillway.ts';

const experiment = fileURLToPath(new URL('../../experiments/02-baseline.yaml', import.meta.url));

/** A `docker` of this version of compose, which says this to everything that needs the daemon. */
const says = (text: string, version = '2.40.0') => `#!/bin/sh
[ "$*" = "compose version --short" ] && echo ${version} && exit
echo '${text}' >&2
exit 1
`;
const noCompose = `#!/bin/sh
echo "docker: 'compose' is not a docker command." >&2
exit 1
`;

test.each([
  ['no docker', undefined, 'docker-missing', /and not on the PATH: install Docker Engine and compose/],
  ['no compose', noCompose, 'compose-missing', /2\.24 or newer is needed, and it is missing: install it/],
  [
    'an old compose',
    says('', '2.19.1'),
    'compose-too-old',
    /2\.24 or newer is needed, and this is 2\.19\.1: install it/,
  ],
  [
    'no daemon',
    says('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'),
    'docker-unreachable',
    /^no Docker daemon answers at unix:\/\/\/var\/run\/docker\.sock: start it \(systemctl start docker\)/,
  ],
  [
    'no permission',
    says(
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
    ),
    'docker-forbidden',
    /^this user may not use Docker: add it to the group docker/,
  ],
  [
    'a variable missing in .env',
    says(
      'error while interpolating services.nats.image: required variable NATS_IMAGE is missing a value: set it in .env',
    ),
    'docker-failed',
    /required variable NATS_IMAGE is missing a value: set it in \.env$/,
  ],
])(
  'run --engine compose with %s ends, and says what to do in one line',
  async (_with, docker, name, message) => {
    const folder = testFolder();
    const path = join(folder, 'bin');
    mkdirSync(path);
    if (docker) writeFileSync(join(path, 'docker'), docker, { mode: 0o755 });
    const run = startSpillway(['run', '--engine', 'compose', experiment], { folder, env: { PATH: path } });
    expect((await run.ended()).code).toBe(1);
    const runs = join(folder, 'runs/02-baseline');
    const { errors } = JSON.parse(readFileSync(join(runs, readdirSync(runs)[0]!, 'result.json'), 'utf8'));
    expect(errors).toMatchObject([{ name, message: expect.stringMatching(message) }]);
    expect(errors[0].message).not.toContain('\n');
  },
);
