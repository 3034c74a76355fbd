import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { engines } from '#lab/world/engines.ts';
import { startOf } from '#lab/world/process/proc.ts';
import { program } from '#test/support/fake-docker.ts';
import { testFolder } from '#test/support/folder.ts';
import { runText } from '#test/support/run-text.ts';
import { startSpillway } from '#test/support/spillway.ts';
import { until } from '#test/support/until.ts';

afterEach(() => vi.unstubAllEnvs());

const experiment = fileURLToPath(new URL('../../experiments/02-baseline.yaml', import.meta.url));

/** Returns the script of a `docker` with this version of compose. All other commands fail with `text`. */
const says = (
  text: string,
  version = '2.40.0',
) => `[ "$*" = "compose version --short" ] && echo ${version} && exit
echo '${text}' >&2
exit 1
`;
const noCompose = `echo "docker: 'compose' is not a docker command." >&2
exit 1
`;

/** Creates a folder with only this `docker`, or with nothing, to be the PATH. */
function pathIn(folder: string, docker: string | undefined): string {
  const path = join(folder, 'bin');
  mkdirSync(path);
  if (docker) program(join(path, 'docker'), docker);
  return path;
}

/** Runs the experiment with the compose engine in this process. The PATH has only this `docker`, or nothing. */
function runHere(docker: string | undefined, signal = new AbortController().signal, folder = testFolder()) {
  vi.stubEnv('PATH', pathIn(folder, docker));
  const { start } = engines.compose({ urls: {}, ownConsumer: false });
  return runText(readFileSync(experiment, 'utf8'), start, { signal, folder });
}

/** Starts the command that runs the experiment, as a process. */
function runWith(docker: string) {
  const folder = testFolder();
  const path = pathIn(folder, docker);
  const run = startSpillway(['run', '--engine', 'compose', experiment], { folder, env: { PATH: path } });
  onTestFinished(() => void run.child.kill('SIGKILL'));
  return { folder, run };
}

const noVariable =
  'error while interpolating services.nats.image: required variable NATS_IMAGE is missing a value: set it in .env';

function expectError(errors: readonly { message: string }[], name: string, message: RegExp): void {
  expect(errors).toMatchObject([{ name, message: expect.stringMatching(message) }]);
  expect(errors[0]!.message).not.toContain('\n');
}

test.each([
  ['no compose', noCompose, 'compose-missing', /2\.24 or newer is required, but it is missing: install it/],
  [
    'an old compose',
    says('', '2.19.1'),
    'compose-too-old',
    /2\.24 or newer is required, but this is 2\.19\.1: install it/,
  ],
  [
    'no daemon',
    says('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'),
    'docker-failed',
    /^docker version: Cannot connect to the Docker daemon at unix:\/\/\/var\/run\/docker\.sock\. Is/,
  ],
  [
    'a variable that is not set',
    says(noVariable),
    'docker-failed',
    /variable NATS_IMAGE is missing a value: set it in \.env$/,
  ],
  ['no docker', undefined, 'docker-missing', /but not on the PATH: install Docker Engine and compose/],
])('a run in containers with %s says what to do in one line', async (_with, docker, name, message) => {
  const { exitCode, errors } = await runHere(docker);
  expect(exitCode).toBe(1);
  expectError(errors, name, message);
});

/** Address ranges of four networks, as `docker` prints them. */
const ranges = `*"network inspect "*) printf '%s\\n' 10.9.0.0/28 10.9.0.16/28 10.9.0.32/28 10.9.1.0/24 ;;`;

/** Returns the script of a `docker` that hangs in this command until it is stopped. It notes what it does. */
const busyWith = (command: string) => `note() { echo "$1" >>"\${0%/*}/notes"; }
case "$*" in
  *" down "*) note down ;;
  ${command})
    trap 'note ended; exit 1' TERM
    note busy
    read -r nothing ;; # from a pipe that stays open
  "compose version --short") echo 2.40.0 ;;
  *" ps "*) echo id ;;
  "inspect "*) echo '{}' ;;
  ${ranges}
esac
`;

/** Waits until the `docker` in a folder has written a note. Resolves with a function that reads the notes. */
const noted = async (folder: string) => {
  const notes = join(folder, 'bin/notes');
  await until(() => existsSync(notes), notes, 60_000);
  return () => readFileSync(notes, 'utf8').trim().split('\n').join(' ');
};

test.each([
  ['looks for compose', '"compose version --short"', 'busy ended'],
  ['builds the image', '*" build "*', 'busy ended down'],
  ['starts the containers', '*" up "*', 'busy ended down'],
  ['reads the secrets', '*" exec "*" cat /run/spillway/control-token"', 'busy ended down'],
])(
  'a run in containers interrupted while it %s ends that first, and removes everything',
  async (_while, command, expected) => {
    const folder = testFolder();
    const controller = new AbortController();
    const running = runHere(busyWith(command), controller.signal, folder);
    const notes = await noted(folder);
    controller.abort(new Error('interrupted'));
    expect((await running).exitCode).toBe(105);
    expect(notes()).toBe(expected);
  },
);

/** Script of a `docker` that starts containers by a child process, as compose does. It notes both pids. */
const startsForLong = `PATH=/bin:/usr/bin
case "$*" in
  *" up "*)
    sleep 60 &
    cd "\${0%/*}" && echo $$ $! >part && mv part pids
    wait ;;
  "compose version --short") echo 2.40.0 ;;
  ${ranges}
esac
`;

test('a killed run --engine compose leaves no process that starts containers', async () => {
  const { folder, run } = runWith(startsForLong);
  const notes = join(folder, 'bin/pids');
  await until(() => existsSync(notes), notes, 60_000);
  const pids = readFileSync(notes, 'utf8').split(' ').map(Number);
  const isThere = (pid: number) => startOf(pid) !== undefined;
  onTestFinished(() => {
    for (const pid of pids.filter(isThere)) process.kill(pid, 'SIGKILL');
  });
  run.child.kill('SIGKILL');
  await run.ended(); // waits for its guardian, too, which ends `docker`
  await until(() => !pids.some(isThere));
});
