import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findExecutable } from '#lab/testbed/local/commands.ts';
import { action, runAction } from '#test/support/action.ts';
import { testFolder } from '#test/support/folder.ts';
import { read } from '#test/tidy/tree.ts';

/** Returns the script of a Spillway that writes one run and ends with `code`. Its comparison has `text`. */
const spillway = ({ code = 0, compared = 0, text = 'goodput  99 %  98 %' } = {}) => `
const { mkdirSync, writeFileSync } = require('node:fs');
if (args[0] === 'compare') {
  console.log(${JSON.stringify(text)});
  process.exit(${compared});
}
const run = args[args.indexOf('--out') + 1] + '/mine/20261125T010203Z-7';
mkdirSync(run, { recursive: true });
writeFileSync(run + '/result.json', '{}');
console.log('::error::a title');
process.exit(${code});`;

/** Returns the folder of runs from before, each of one of these experiments. */
function baselineOf(...names: string[]): string {
  const folder = testFolder();
  for (const name of names) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'result.json'), '{}');
  }
  return folder;
}

/** Script of a `gh` that finds these comments, and keeps the text of the comment that it is given. */
const gh = (kept: string, found = '') => `
if (args.includes('--jq')) console.log(${JSON.stringify(found)});
const body = args.find((arg) => arg.startsWith('body=@'));
if (body) require('node:fs').copyFileSync(body.slice(6), ${JSON.stringify(kept)});`;

const odd = [
  'with space.yaml',
  `quote'd "twice".yaml`,
  '$(touch owned).yaml',
  '`touch owned`.yaml',
  '; touch owned',
  '-x',
];

/** Returns the path of a tarball of a package `spillway` whose command has this script. */
function tarballOf(script: string): string {
  const folder = testFolder();
  mkdirSync(join(folder, 'package/bin'), { recursive: true });
  writeFileSync(join(folder, 'package/package.json'), '{ "name": "spillway", "version": "1.0.0" }');
  writeFileSync(join(folder, 'package/bin/spillway.cjs'), script);
  execFileSync('tar', ['-czf', 'made.tgz', 'package'], { cwd: folder });
  return join(folder, 'made.tgz');
}

const comparing = { files: 'mine.yaml', command: 'simulate', baseline: '' };

describe('action.yml', () => {
  test('gives its scripts inputs as variables only', () => {
    const scripts = action.runs.steps.filter(({ run }) => run !== undefined);
    expect(scripts.length).toBeGreaterThan(5);
    for (const { run, shell } of scripts) {
      expect(run).not.toContain('${{');
      expect(shell).toBe('bash');
    }
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

describe('the action', () => {
  test('builds its own package, conducts the experiments, and keeps their runs', () => {
    const ran = runAction({ inputs: { files: 'mine.yaml\n', command: 'simulate' }, spillway: spillway() });
    expect(ran).toMatchObject({ code: 0, outputs: { code: '0' } });
    const [npm, built, conducted, ...rest] = ran.calls;
    expect(npm).toEqual(expect.arrayContaining(['npm', 'ci', '--ignore-scripts']));
    expect(built).toEqual(['build-package', expect.stringMatching(/\/node_modules\/spillway$/)]);
    expect(conducted).toEqual(['spillway', 'simulate', '--out', ran.outputs.runs, '--', 'mine.yaml']);
    expect(rest).toEqual([]);
    expect(ran.used).toEqual({
      'actions/upload-artifact@v7': {
        name: 'spillway',
        path: ran.outputs.runs,
        'if-no-files-found': 'ignore',
      },
    });
  });

  test('gives odd files and arguments as they are, one per line', () => {
    const workspace = testFolder();
    const ran = runAction({
      inputs: { files: odd.join('\n'), command: 'simulate', arguments: odd.join('\r\n') },
      spillway: spillway(),
      workspace,
    });
    expect(ran.code).toBe(0);
    expect(ran.calls[2]).toEqual(['spillway', 'simulate', ...odd, '--out', ran.outputs.runs, '--', ...odd]);
    expect(existsSync(join(workspace, 'owned'))).toBe(false);
  });

  test('lets no text of an experiment give the runner a command', () => {
    const { log } = runAction({ inputs: { files: 'x', command: 'simulate' }, spillway: spillway() });
    const [, word] = /^::stop-commands::(\w{32})$/m.exec(log)!;
    expect(log.indexOf('::error::a title')).toBeGreaterThan(log.indexOf(`::stop-commands::${word}`));
    expect(log.indexOf(`::${word}::`)).toBeGreaterThan(log.indexOf('::error::a title'));
  });

  test('ends with the exit code of the command, after the runs are kept', () => {
    const code = 90;
    const ran = runAction({ inputs: { files: 'x', command: 'simulate' }, spillway: spillway({ code }) });
    expect(ran).toMatchObject({ code, outputs: { code: String(code) } });
    expect(Object.keys(ran.used)).toContain('actions/upload-artifact@v7');
  });

  test.each([
    ['another command', { files: 'x', command: 'run; touch owned' }, 'command: expected run or simulate'],
    ['an odd version', { files: 'x', version: '1 --ignore' }, 'version: expected a version'],
    ['a name as package', { files: 'x', package: 'spillway' }, 'package: expected a file or an https'],
    ['package and version', { files: 'x', package: 'x', version: '1' }, 'package, version: expected one'],
  ])('refuses %s', (_what, inputs, message) => {
    const ran = runAction({ inputs, spillway: spillway(), os: 'macOS' });
    expect(ran.code).toBe(104);
    expect(ran.log).toContain(`::error::${message}`);
    expect(ran.calls.filter(([name]) => name === 'spillway')).toEqual([]);
  });
});

describe('the action with a package', () => {
  test('installs the version of npm that it is given, and builds none', () => {
    const inputs = { files: 'mine.yaml', command: 'simulate', version: '1.2.3-rc.1' };
    const { code, calls } = runAction({ inputs, spillway: spillway() });
    expect(code).toBe(0);
    expect(calls.map(([name]) => name)).toEqual(['npm', 'spillway']);
    expect(calls[0]).toEqual(
      expect.arrayContaining(['npm', 'install', '--ignore-scripts', 'spillway@1.2.3-rc.1']),
    );
  });

  test.each(odd.slice(0, 3))('installs the package %j, by the real npm', (name) => {
    const workspace = testFolder();
    const tarball = join(workspace, name);
    writeFileSync(tarball, readFileSync(tarballOf("console.log('from the file')")));
    const inputs = { files: 'mine.yaml', command: 'simulate', package: name };
    const npm = `require('node:child_process').execFileSync(
      process.execPath, [${JSON.stringify(findExecutable('npm'))}, ...args], { stdio: 'inherit' });`;
    const { code, log } = runAction({ inputs, fakes: { npm }, spillway: '', workspace });
    expect({ code, log }).toEqual({ code: 0, log: expect.stringContaining('\nfrom the file\n') });
    expect(existsSync(join(workspace, 'owned'))).toBe(false);
  });

  test('gives npm the URL of a package as one argument', () => {
    const url = 'https://example.com/a.tgz?token=$(touch owned) --force';
    const inputs = { files: 'mine.yaml', command: 'simulate', package: url };
    const { code, calls } = runAction({ inputs, spillway: spillway() });
    expect({ code, last: calls[0]!.slice(-2) }).toEqual({ code: 0, last: ['--', url] });
  });
});

describe('the action on a runner', () => {
  test('sets up Node only where it is missing or older than 24.2', () => {
    const setUp = (node: string) => {
      const inputs = { files: 'x', command: 'simulate' };
      const { used } = runAction({ inputs, fakes: { node }, spillway: spillway() });
      return Object.keys(used).includes('actions/setup-node@v6');
    };
    expect(setUp('process.exit(127)')).toBe(true);
    expect(setUp("console.log('v24.1.0')")).toBe(true);
    expect(setUp("console.log('v24.2.0')")).toBe(false);
  });

  test('installs nats-server for run on Linux, if it is missing', () => {
    const noop = { 'apt-get': '', systemctl: '', sudo: '', id: 'console.log(0)' };
    const installs = (command: string, os: string, fakes: Record<string, string>) => {
      const ran = runAction({ inputs: { files: 'x', command }, os, fakes, spillway: spillway() });
      expect(ran.code).toBe(0);
      return ran.calls.some(([name, ...args]) => name === 'apt-get' && args.at(-1) === 'nats-server');
    };
    expect(installs('run', 'Linux', noop)).toBe(true);
    expect(installs('simulate', 'Linux', noop)).toBe(false);
    expect(installs('run', 'macOS', noop)).toBe(false);
    expect(installs('run', 'Linux', { ...noop, 'nats-server': '' })).toBe(false);
  });
});

describe('the action with a baseline', () => {
  test.each([
    ['the folder of a run', ['.'], ''],
    [
      'a folder of runs, whose newest counts',
      ['mine/20261001T000000Z-1', 'mine/20261101T000000Z-1'],
      'mine/20261101T000000Z-1',
    ],
  ])('compares with %s', (_what, names, expected) => {
    const baseline = baselineOf(...names);
    const ran = runAction({ inputs: { ...comparing, baseline, margin: '5%' }, spillway: spillway() });
    const before = expected ? join(baseline, expected) : baseline;
    const after = join(ran.outputs.runs!, 'mine/20261125T010203Z-7');
    expect(ran.calls[3]).toEqual(['spillway', 'compare', '--margin', '5%', '--', before, after]);
    expect(ran.summary).toContain('goodput  99 %  98 %');
    expect(ran.code).toBe(0);
  });

  test('ends with the code of the command before that of compare', () => {
    const inputs = { ...comparing, baseline: baselineOf('.') };
    expect(runAction({ inputs, spillway: spillway({ code: 90, compared: 99 }) }).code).toBe(90);
    expect(runAction({ inputs, spillway: spillway({ compared: 99 }) }).code).toBe(99);
  });

  test('warns of a baseline that is missing, and names the run before each table', () => {
    const inputs = { ...comparing, baseline: '/nope' };
    const { code, log } = runAction({ inputs, spillway: spillway() });
    expect(code).toBe(0);
    expect(log).toContain('::warning::The baseline lacks a run of an experiment');
    const found = runAction({ inputs: { ...inputs, baseline: baselineOf('.') }, spillway: spillway() });
    expect(found.log).not.toContain('::warning::');
    expect(found.summary).toContain('\nmine/20261125T010203Z-7\ngoodput  99 %  98 %\n');
  });
});

describe('the action with a branch as baseline', () => {
  test('fetches the newest run of a branch by its push', () => {
    const download = `if (args[1] === 'list') console.log('4711');
      if (args[1] === 'download') {
        const run = args[args.indexOf('--dir') + 1] + '/mine/20261001T000000Z-1';
        require('node:fs').mkdirSync(run, { recursive: true });
        require('node:fs').writeFileSync(run + '/result.json', '{}');
      }`;
    const branch = 'main $(touch owned)';
    const inputs = { ...comparing, 'baseline-branch': branch, artifact: 'a b' };
    const { calls, summary } = runAction({ inputs, fakes: { gh: download }, spillway: spillway() });
    const [listed, downloaded, compared] = calls.slice(3);
    expect(listed!.join(' ')).toContain(`--workflow resilience.yml --branch ${branch} --event push`);
    expect(listed).toContain(branch);
    expect(downloaded!.slice(0, 8)).toEqual([
      'gh',
      'run',
      'download',
      '4711',
      '--repo',
      'team/shop',
      '--name',
      'a b',
    ]);
    expect(compared!.at(-2)).toContain('mine/20261001T000000Z-1');
    expect(summary).toContain('goodput');
  });

  test('goes on without a comparison where the branch may not be read', () => {
    const inputs = { ...comparing, 'baseline-branch': 'main' };
    const ran = runAction({ inputs, fakes: { gh: 'process.exit(1)' }, spillway: spillway() });
    expect(ran).toMatchObject({ code: 0, summary: '' });
    expect(ran.log).toContain('::warning::Nothing to compare with');
  });
});

describe('the action on a pull request', () => {
  const onPullRequest = (script: string, text?: string, inputs = {}) =>
    runAction({
      inputs: { ...comparing, baseline: baselineOf('.'), ...inputs },
      fakes: { gh: script },
      spillway: spillway(text === undefined ? {} : { text }),
      pullRequest: 7,
    });
  const written = ({ calls }: ReturnType<typeof runAction>) =>
    calls
      .filter((call) => call.includes('--method'))
      .map((call) => call.slice(call.indexOf('--method') + 1, -2));

  test('writes one comment, and changes it the next time', () => {
    const kept = join(testFolder(), 'comment');
    const first = onPullRequest(gh(kept));
    expect(written(first)).toEqual([['POST', 'repos/team/shop/issues/7/comments']]);
    expect(readFileSync(kept, 'utf8')).toMatch(
      /^<!-- spillway: spillway -->\n### .*\n\n<pre>\nmine\/.*\ngoodput .*\n\n<\/pre>\n$/,
    );
    const next = onPullRequest(gh(kept, '123\n456'));
    expect(written(next)).toEqual([['PATCH', 'repos/team/shop/issues/comments/123']]);
  });

  test('keeps the text of an experiment from ending the table', () => {
    const kept = join(testFolder(), 'comment');
    onPullRequest(gh(kept), '</pre> <b>&amp; @team', { artifact: 'x --> <b>' });
    const text = readFileSync(kept, 'utf8');
    expect(text).toContain('\n&lt;/pre&gt; &lt;b&gt;&amp;amp; @team\n');
    expect(text.split('\n')[0]).toBe('<!-- spillway: x --&gt; &lt;b&gt; -->');
  });

  test('leaves the table in the summary where it may not comment, and fails for no such reason', () => {
    const ran = onPullRequest('process.exit(1)');
    expect(ran.code).toBe(0);
    expect(ran.log).toContain('::warning::The comparison is only in the summary');
    expect(ran.summary).toContain('goodput');
  });
});

test('the action builds the package, conducts and compares with it', () => {
  const inputs = {
    files: '05-metastable',
    command: 'simulate',
    arguments: '--quiet\n--only\nbudget',
  };
  const before = runAction({ inputs });
  expect(before).toMatchObject({ code: 0 });
  const after = runAction({
    inputs: { ...inputs, arguments: `${inputs.arguments}\n--seed=99`, baseline: before.outputs.runs! },
  });
  expect(after).toMatchObject({ code: 0, summary: expect.stringMatching(/goodput +\d/) });
});
