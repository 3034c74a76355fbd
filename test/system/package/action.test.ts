import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '#kit/process/installation.ts';
import { testFolder } from '#test/support/folder.ts';
import { read } from '#test/tidy/tree.ts';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, object>>;
  readonly runs: { readonly steps: readonly Step[] };
}

interface Step extends Readonly<Partial<Record<'id' | 'run' | 'shell', string>>> {
  readonly name: string;
  readonly env?: object;
}

const action: Action = parse(read('action.yml')!);

/** Creates a runner's folder, with programs of these scripts in JavaScript. Each call is noted before it runs. */
function runner(programs: Readonly<Record<string, string>> = {}) {
  const folder = testFolder();
  const [bin, calls, work] = [join(folder, 'bin'), join(folder, 'calls'), join(folder, 'work')];
  for (const each of [bin, work]) mkdirSync(each);
  const written = (file: string, name: string, script: string) => {
    mkdirSync(join(file, '..'), { recursive: true });
    const noted = `const args = process.argv.slice(2);
require('node:fs').appendFileSync(${JSON.stringify(calls)}, JSON.stringify([${JSON.stringify(name)}, ...args]) + '\\n');`;
    writeFileSync(file, `#!${process.execPath}\n${noted}\n${script}\n`, { mode: 0o755 });
  };
  const { spillway, ...others } = programs;
  for (const [name, script] of Object.entries(others)) written(join(bin, name), name, script);
  if (spillway !== undefined)
    written(join(folder, 'spillway/node_modules/spillway/bin/spillway.cjs'), 'spillway', spillway);
  // Linked last: writing to a link would overwrite this Node.
  if (!existsSync(join(bin, 'node'))) symlinkSync(process.execPath, join(bin, 'node'));

  /** Runs the script of a step as GitHub does. `calls` are all calls so far. */
  const run = (name: string, env: Readonly<Record<string, string>> = {}) => {
    const [output, summary] = [join(folder, 'output'), join(folder, 'summary')];
    for (const file of [output, summary, calls]) writeFileSync(file, '', { flag: 'a' });
    const step = action.runs.steps.find((step) => step.name === name)!;
    expect(Object.keys(env).toSorted()).toEqual(Object.keys(step.env ?? {}).toSorted());
    const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run!];
    const common = {
      PATH: `${bin}:/usr/bin:/bin`,
      RUNNER_TEMP: folder,
      GITHUB_ACTION_PATH: root,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_REPOSITORY: 'team/shop',
      GITHUB_WORKFLOW_REF: 'team/shop/.github/workflows/resilience.yml@refs/pull/7/merge',
    };
    const ran = spawnSync('bash', args, { cwd: work, encoding: 'utf8', env: { ...common, ...env } });
    const lines = (file: string) => readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return {
      code: ran.status,
      log: ran.stdout + ran.stderr,
      outputs: Object.fromEntries(lines(output).map((line) => /^(.*?)=(.*)$/.exec(line)!.slice(1))),
      summary: readFileSync(summary, 'utf8'),
      calls: lines(calls).map((line): string[] => JSON.parse(line)),
    };
  };
  return { run, work };
}

/** Creates a folder of runs, each with these names. */
function runsOf(...names: string[]): string {
  const folder = testFolder();
  for (const name of names) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'result.json'), '{}');
  }
  return folder;
}

const odd = [
  'with space.yaml',
  `quote'd "twice".yaml`,
  '$(touch owned).yaml',
  '`touch owned`.yaml',
  '; touch owned',
  '-x',
];

describe('action.yml', () => {
  test('gives its scripts inputs as variables only', () => {
    const scripts = action.runs.steps.filter(({ run }) => run !== undefined);
    expect(scripts.length).toBeGreaterThan(5);
    for (const { run, shell } of scripts) {
      expect(run).not.toContain('${{');
      expect(shell).toBe('bash');
    }
  });

  test('refers to inputs and outputs that exist', () => {
    const text = read('action.yml')!;
    for (const [, name] of text.matchAll(/\binputs\.([\w-]+)/g)) expect(action.inputs).toHaveProperty(name!);
    for (const [whole, id, output] of text.matchAll(/\bsteps\.(\w+)\.outputs\.(\w+)/g))
      expect(action.runs.steps.find((step) => step.id === id)?.run, whole).toContain(`${output}=`);
  });

  test('has each input and output in docs/how-to/github-action.md, with its default', () => {
    const page = read('docs/how-to/github-action.md')!;
    for (const [name, input] of Object.entries(action.inputs)) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
      expect(row, name).toBeDefined();
      if (input.default && !input.default.includes('{')) expect(row, name).toContain(`\`${input.default}\``);
    }
    for (const name of Object.keys(action.outputs)) expect(page).toContain(`\`${name}\``);
  });
});

test.each([
  ['process.exit(127)', 'true'],
  ["console.log('v24.1.0')", 'true'],
  ["console.log('v24.2.0')", undefined],
])('Look for Node: %s', (node, missing) => {
  expect(runner({ node }).run('Look for Node').outputs.missing).toBe(missing);
});

test('Install nats-server installs it if it is missing', () => {
  const { code, calls } = runner({ 'apt-get': '', systemctl: '', id: 'console.log(0)' }).run(
    'Install nats-server',
  );
  const isMissing = !existsSync('/usr/bin/nats-server');
  expect([code, calls.some((call) => call.at(-1) === 'nats-server')]).toEqual([0, isMissing]);
});

describe('Install Spillway', () => {
  const install = (env: object) =>
    runner({ npm: '' }).run('Install Spillway', { PACKAGE: '', VERSION: '', ...env });

  test.each([
    ['an odd version', { VERSION: '1 --ignore' }, 'version: expected a version'],
    ['a name as package', { PACKAGE: 'spillway' }, 'package: expected a file or an https'],
    ['package and version', { PACKAGE: 'x', VERSION: '1' }, 'package, version: expected one'],
  ])('refuses %s', (_what, env, message) => {
    expect(install(env)).toMatchObject({
      code: 104,
      calls: [],
      log: expect.stringContaining(`::error::${message}`),
    });
  });

  test('gives npm the version or the URL as one argument', () => {
    const url = 'https://example.com/a.tgz?token=$(touch owned) --force';
    for (const [env, last] of [
      [{ VERSION: '1.2.3-rc.1' }, 'spillway@1.2.3-rc.1'],
      [{ PACKAGE: url }, url],
    ] as const) {
      const { code, calls } = install(env);
      expect(code).toBe(0);
      expect(calls).toEqual([['npm', 'install', ...calls[0]!.slice(2, -2), '--', last]]);
      expect(calls[0]).toContain('--ignore-scripts');
    }
  });

  test.each(odd.slice(0, 3))('copies the file %j to a name that npm can’t mistake', (name) => {
    const { run, work } = runner({
      npm: 'console.log(require("node:fs").readFileSync(args.at(-1), "utf8"))',
    });
    writeFileSync(join(work, name), 'the tarball');
    const { code, log } = run('Install Spillway', { PACKAGE: name, VERSION: '' });
    expect({ code, log }).toEqual({ code: 0, log: 'the tarball\n' });
    expect(existsSync(join(work, 'owned'))).toBe(false);
  });
});

describe('Conduct the experiments', () => {
  const conducting = { COMMAND: 'simulate', FILES: 'mine.yaml', ARGUMENTS: '' };

  test('gives odd files and arguments as they are, one per line, and outputs the exit code', () => {
    const { run, work } = runner({ spillway: 'process.exit(90)' });
    const env = { COMMAND: 'simulate', FILES: odd.join('\n'), ARGUMENTS: odd.join('\r\n') };
    const { code, calls, outputs } = run('Conduct the experiments', env);
    expect({ code, put: outputs.code }).toEqual({ code: 0, put: '90' });
    expect(calls).toEqual([['spillway', 'simulate', ...odd, '--out', outputs.runs, '--', ...odd]]);
    expect(existsSync(join(work, 'owned'))).toBe(false);
  });

  test('lets no text of an experiment give the runner a command', () => {
    const { log } = runner({ spillway: "console.log('::error::a title')" }).run(
      'Conduct the experiments',
      conducting,
    );
    expect(log).toMatch(/^::stop-commands::(\w{32})\n::error::a title\n::\1::$/m);
  });

  test.each([
    [{ COMMAND: 'run; touch owned' }, 'command: expected run or simulate'],
    [{ FILES: '\n' }, 'files: expected at least one'],
  ])('refuses %j', (env, message) => {
    const ran = runner({ spillway: '' }).run('Conduct the experiments', { ...conducting, ...env });
    expect(ran).toMatchObject({ code: 104, calls: [], log: expect.stringContaining(`::error::${message}`) });
  });
});

describe('Compare with the baseline', () => {
  const compare = (
    baseline: string,
    { spillway = "console.log('goodput  99 %')", artifact = 'a', margin = '' } = {},
  ) => {
    const runs = runsOf('mine/20261125T010203Z-7');
    const env = { BASELINE: baseline, RUNS: runs, MARGIN: margin, ARTIFACT: artifact };
    return {
      ...runner({ spillway }).run('Compare with the baseline', env),
      after: join(runs, 'mine/20261125T010203Z-7'),
    };
  };

  test.each([
    ['the folder of a run', ['.'], ''],
    [
      'the newest run of a folder',
      ['mine/20261001T000000Z-1', 'mine/20261101T000000Z-1'],
      'mine/20261101T000000Z-1',
    ],
  ])('takes %s', (_what, names, expected) => {
    const baseline = runsOf(...names);
    const { calls, summary, log, after } = compare(baseline, { margin: '5%' });
    const before = expected ? join(baseline, expected) : baseline;
    expect(calls).toEqual([['spillway', 'compare', '--margin', '5%', '--', before, after]]);
    expect(summary).toContain('\nmine/20261125T010203Z-7\ngoodput  99 %\n');
    expect(log).not.toContain('::warning::');
  });

  test('outputs the code of compare, and warns of a baseline that is missing', () => {
    expect(compare(runsOf('.'), { spillway: 'process.exit(99)' })).toMatchObject({
      code: 0,
      outputs: { code: '99' },
    });
    const missing = compare('/nope');
    expect(missing).toMatchObject({ code: 0, outputs: { code: '0' }, calls: [] });
    expect(missing.log).toContain('::warning::The baseline lacks a run of an experiment');
  });

  test('keeps the text of an experiment from ending the table or the mark', () => {
    const spillway = "console.log('</pre> <b>&amp; @team')";
    const { summary } = compare(runsOf('.'), { spillway, artifact: 'x --> <b>' });
    expect(summary).toContain('\n&lt;/pre&gt; &lt;b&gt;&amp;amp; @team\n');
    expect(summary.split('\n')[0]).toBe('<!-- spillway: x --&gt; &lt;b&gt; -->');
  });
});

describe('Fetch the baseline', () => {
  const fetching = { BRANCH: 'main $(touch owned)', ARTIFACT: 'a b', GH_TOKEN: 't' };

  test('downloads the newest run of a push to the branch', () => {
    const { code, calls, outputs } = runner({ gh: "if (args[1] === 'list') console.log('4711')" }).run(
      'Fetch the baseline',
      fetching,
    );
    const [listed, downloaded] = calls;
    expect(code).toBe(0);
    expect(listed!.join(' ')).toContain(
      '--workflow resilience.yml --branch main $(touch owned) --event push',
    );
    expect(listed).toContain(fetching.BRANCH);
    expect(downloaded).toEqual([
      ...['gh', 'run', 'download', '4711', '--repo', 'team/shop', '--name', 'a b', '--dir'],
      outputs.folder,
    ]);
  });

  test('warns where the branch may not be read', () => {
    const { code, log, outputs } = runner({ gh: 'process.exit(1)' }).run('Fetch the baseline', fetching);
    expect({ code, outputs }).toEqual({ code: 0, outputs: {} });
    expect(log).toContain('::warning::Nothing to compare with');
  });
});

describe('Comment on the pull request', () => {
  const comment = (gh: string) => {
    const file = join(testFolder(), 'comment');
    writeFileSync(file, '<!-- spillway: a -->\n');
    return runner({ gh }).run('Comment on the pull request', {
      COMMENT: file,
      PULL_REQUEST: '7',
      GH_TOKEN: 't',
    });
  };

  test.each([
    ['writes one comment', '', ['POST', 'repos/team/shop/issues/7/comments']],
    ['changes it the next time', '123\n456', ['PATCH', 'repos/team/shop/issues/comments/123']],
  ])('%s', (_what, found, expected) => {
    const { code, calls } = comment(`if (args.includes('--jq')) console.log(${JSON.stringify(found)});`);
    expect(code).toBe(0);
    const [, written] = calls;
    expect(written!.slice(written!.indexOf('--method') + 1, -2)).toEqual(expected);
  });

  test('fails for no right to comment', () => {
    const { code, log } = comment('process.exit(1)');
    expect(code).toBe(0);
    expect(log).toContain('::warning::The comparison is only in the summary');
  });
});

test.each([
  ['90', '99', 90],
  ['0', '99', 99],
  ['0', '', 0],
])('ends with the code of the command (%s) before that of compare (%s)', (CODE, COMPARED, expected) => {
  expect(runner().run('End with the exit code', { CODE, COMPARED }).code).toBe(expected);
});

test('the action builds the package, conducts and compares with it', () => {
  const { run } = runner({ npm: '' });
  const installed = run('Install Spillway', { PACKAGE: '', VERSION: '' });
  expect(installed).toMatchObject({
    code: 0,
    calls: [expect.arrayContaining(['npm', 'ci', '--ignore-scripts'])],
  });
  const ARGUMENTS = '--quiet\n--only\nbudget';
  const { outputs } = run('Conduct the experiments', {
    COMMAND: 'simulate',
    FILES: '05-metastable',
    ARGUMENTS,
  });
  expect(outputs.code).toBe('0');
  const env = { BASELINE: outputs.runs!, RUNS: outputs.runs!, MARGIN: '', ARTIFACT: 'a' };
  expect(run('Compare with the baseline', env).summary).toContain('Held');
});
