import { join } from 'node:path';
import { buildOne } from '#lab/world/process/build-bundle.ts';

const scripts = { worker: 'lab/play/worker.ts', page: 'lab/play/page/main.ts' };
export type ScriptName = keyof typeof scripts;

/** Builds the scripts of a page in a folder. Returns the paths of all bundled files, relative to the root. */
export async function buildScripts(root: string, folder: string): Promise<string[]> {
  const builds = Object.entries(scripts).map(([name, input]) =>
    buildOne({ root, input, file: join(folder, `${name}.js`), isScript: true }),
  );
  return (await Promise.all(builds)).flat();
}

// The module is also a program. Its arguments are the root and the folder.
if (import.meta.main) await buildScripts(process.argv[2]!, process.argv[3]!);
