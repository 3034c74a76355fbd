import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { parse } from 'yaml';
import { root } from '#kit/process/installation.ts';
import { read } from '#test/tidy/tree.ts';
import { testFolder } from './folder.ts';

interface Step {
  readonly id?: string;
  readonly name: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly shell?: string;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** The content of action.yml. */
export const action: Action = parse(read('action.yml')!);

/** Script of a program, in JavaScript. `args` are its arguments; each call is noted before it runs. */
type Fake = string;

interface ActionOptions {
  readonly inputs: Readonly<Record<string, string>>;
  /** Programs that are first on the PATH, beside `npm`, which installs a fake Spillway. */
  readonly fakes?: Readonly<Record<string, Fake>>;
  /** Script of the Spillway that is built or installed. @default the real build, from the packages of this checkout */
  readonly spillway?: Fake;
  /** Number of the pull request. @default no pull request */
  readonly pullRequest?: number;
  readonly os?: string;
  /** Working folder. @default an empty folder */
  readonly workspace?: string;
}

/** Result of a run of the action. */
interface Ran {
  /** Exit code of the last step that ran. */
  readonly code: number;
  readonly log: string;
  readonly summary: string;
  /** Calls of programs, each with the name of the program and its arguments. */
  readonly calls: readonly (readonly string[])[];
  readonly outputs: Readonly<Record<string, string>>;
  /** Parameters of the actions that would run, by their names with versions. */
  readonly used: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Runs the scripts of action.yml as a runner of GitHub does: in bash, up to the first step that fails. */
export function runAction(options: ActionOptions): Ran {
  const { inputs, pullRequest, os = 'Linux', workspace = testFolder() } = options;
  const folder = preparedFolder(options);
  const github = { token: 'the-token', event: { pull_request: { number: pullRequest } } };
  const ids: Record<string, { outputs: Record<string, string> }> = {};
  const contexts: Record<string, unknown> = { github, runner: { os }, steps: ids };
  const filledAll = (texts: Readonly<Record<string, string | number>> = {}) =>
    mapped(texts, (text) => filled(String(text), contexts));
  const defaults = filledAll(mapped(action.inputs, (input) => input.default ?? ''));
  contexts.inputs = { ...defaults, ...inputs };

  let [code, log] = [0, ''];
  const used: Record<string, Record<string, string>> = {};
  for (const step of action.runs.steps) {
    if (step.if !== undefined && !evaluated(step.if, contexts)) continue;
    if (step.uses !== undefined) {
      used[step.uses] = filledAll(step.with);
      continue;
    }
    const actionPath = options.spillway === undefined ? root : join(folder, 'action');
    const env = { GITHUB_ACTION_PATH: actionPath, ...filledAll(step.env) };
    const ended = runScript(step.run!, { folder, workspace, env });
    ({ code } = ended);
    log += ended.log;
    if (step.id !== undefined) ids[step.id] = { outputs: ended.outputs };
    if (code !== 0) break;
  }
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean);
  return {
    ...{ code, log, used },
    summary: readFileSync(join(folder, 'summary'), 'utf8'),
    calls: calls.map((line) => JSON.parse(line)),
    outputs: mapped(action.outputs, ({ value }) => filled(value, contexts)),
  };
}

/** Creates the folder of a runner, with its programs. */
function preparedFolder({ fakes = {}, spillway = '' }: ActionOptions): string {
  const folder = testFolder();
  const path = (name: string) => join(folder, name);
  for (const name of ['bin', 'temp', 'action/lab/package']) mkdirSync(path(name), { recursive: true });
  for (const name of ['calls', 'summary']) writeFileSync(path(name), '');
  writeFileSync(path('spillway.cjs'), fake('spillway', path('calls'), spillway));
  const copyTo = (target: string) => `const bin = ${target} + '/bin';
    require('node:fs').mkdirSync(bin, { recursive: true });
    require('node:fs').copyFileSync(${JSON.stringify(path('spillway.cjs'))}, bin + '/spillway.cjs');`;
  const npm = `if (args[0] === 'install') {
    ${copyTo("args[args.indexOf('--prefix') + 1] + '/node_modules/spillway'")}
  }`;
  writeFileSync(
    path('action/lab/package/build-package.ts'),
    fake('build-package', path('calls'), copyTo('args[0]')),
  );
  for (const [name, script] of Object.entries({ npm, ...fakes }))
    writeFileSync(path(`bin/${name}`), fake(name, path('calls'), script), { mode: 0o755 });
  // Linked last: writing to a link would overwrite this Node.
  if (!existsSync(path('bin/node'))) symlinkSync(process.execPath, path('bin/node'));
  return folder;
}

interface ScriptOptions {
  /** Folder of the runner. */
  readonly folder: string;
  readonly workspace: string;
  readonly env: Readonly<Record<string, string>>;
}

function runScript(text: string, { folder, workspace, env }: ScriptOptions) {
  const [script, output] = [join(folder, 'script.sh'), join(folder, 'output')];
  writeFileSync(script, text);
  writeFileSync(output, '');
  const common = {
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    RUNNER_TEMP: join(folder, 'temp'),
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    GITHUB_REPOSITORY: 'team/shop',
    GITHUB_WORKFLOW_REF: 'team/shop/.github/workflows/resilience.yml@refs/pull/7/merge',
  };
  const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
    cwd: workspace,
    encoding: 'utf8',
    env: { ...common, ...env },
  });
  const lines = readFileSync(output, 'utf8').split('\n').filter(Boolean);
  const outputs = Object.fromEntries(lines.map((line) => /^(.*?)=(.*)$/.exec(line)!.slice(1)));
  return { code: status ?? -1, log: stdout + stderr, outputs };
}

const fake = (name: string, calls: string, script: Fake): string => `#!${process.execPath}
const args = process.argv.slice(2);
require('node:fs').appendFileSync(${JSON.stringify(calls)}, JSON.stringify([${JSON.stringify(name)}, ...args]) + '\\n');
${script}
`;

const mapped = <T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

/** Returns a text with the values of its expressions. */
const filled = (text: string, contexts: object): string =>
  text.replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) => String(evaluated(expression, contexts)));

/** Returns the value of an expression. Those of action.yml are JavaScript once paths are replaced by their values. */
function evaluated(expression: string, contexts: object): unknown {
  const script = expression.replaceAll(/'[^']*'|[a-z]\w*(?:\.[\w-]+)+/g, (part) => {
    if (part.startsWith("'")) return part;
    let value: unknown = contexts;
    for (const name of part.split('.')) value = (value as Record<string, unknown> | undefined)?.[name];
    return JSON.stringify(value ?? '');
  });
  return runInNewContext(script);
}
