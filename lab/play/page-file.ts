import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { assetFile, isPackage, root, version } from '#kit/process/installation.ts';
import { asset, policyFor, renderPage } from '#lab/show/document.ts';
import { Html, html, jsonElement } from '#lab/show/html.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { bundles } from '#lab/world/process/programs.ts';
import { temporaryFolder } from '#lab/world/process/temporary-folder.ts';
import type { Playable } from './setting.ts';

const buildMsMax = 60_000;

/** Returns a page that plays experiments. It is complete in one file, and shows the first one if its address has none. */
export function renderPlayPage(playables: readonly Playable[]): string {
  const { worker, page } = scriptsOfPage();
  const own = (name: string) => asset(assetFile(`lab/play/page/${name}`));
  const styles = ['page', 'controls', 'occasions'].map((name) => own(`style/${name}.css`));
  const script = new Html(inScript(page));
  const body = html`${own('page.html')}${jsonElement('playables', playables)}${jsonElement('run', commandLine(['run']))}
<script type="text/plain" id="worker">${new Html(inScript(worker))}</script>
<script>${script}</script>
`;
  const policy = policyFor([script], 'worker-src blob:');
  return renderPage({ version, title: playables[0]!.title, body, styles, policy });
}

/** Escapes what would end a script element, or change how it ends. Code has it only within texts and patterns. */
const inScript = (code: string): string => code.replaceAll(/<(?=\/script|!--)/gi, '\\x3c');

function scriptsOfPage() {
  const folder = isPackage ? join(bundles, 'play') : temporaryFolder('spillway-play-');
  try {
    const builder = [assetFile('lab/play/build-scripts.ts'), root, folder];
    if (!isPackage) execFileSync(process.execPath, builder, { timeout: buildMsMax });
    const read = (name: string) => readFileSync(join(folder, `${name}.js`), 'utf8');
    return { worker: read('worker'), page: read('page') };
  } finally {
    if (!isPackage) rmSync(folder, { recursive: true, force: true });
  }
}
