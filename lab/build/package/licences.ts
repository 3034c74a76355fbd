import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the folders of the packages that these files belong to, sorted. */
export function packagesOf(files: readonly string[]): string[] {
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]);
  return [...new Set(folders)].filter((folder) => folder !== undefined).sort();
}

/** Returns the licences of packages as one text. */
export const licencesOf = (folders: readonly string[]): string =>
  ['Spillway contains the code of these packages.\n', ...folders.map(licenceOf)].join(
    `\n${'-'.repeat(78)}\n`,
  );

function licenceOf(folder: string): string {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)\b/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  // The package.json of a package without a licence text names only the licence, so this adds the author.
  if (texts.length === 0 && author) texts.push(`By ${author.name ?? author}`);
  return `${[`${name} ${version} (${license})`, ...texts].join('\n\n')}\n`;
}
