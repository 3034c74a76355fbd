import { addressOf, readAddress } from '#lab/play/address.ts';
import { type Playable, sides } from '#lab/play/setting.ts';
import type { Answer, Ask } from '#lab/play/worker.ts';
import { yamlOf } from '#lab/play/yaml.ts';
import { App } from './app.ts';
import { addCopyMenu, addPresets } from './controls/menus.ts';
import { byId } from './picture/elements.ts';

const playables: readonly Playable[] = JSON.parse(byId('playables').textContent!);
/** Command that takes an experiment to sockets, with the checkout or the package that made the page. */
const run: string = JSON.parse(byId('run').textContent!);
const yaml = () => yamlOf(app.played);
const fileName = () => `${app.setting.playable.name}-changed.yaml`;

/** Starts a worker for a side. Its code is text of the page, since a page from a file can't load another file. */
function startWorker(index: number): Worker {
  const code = new Blob([byId('worker').textContent!], { type: 'text/javascript' });
  const worker = new Worker(URL.createObjectURL(code));
  // Late answers for an older setting are dropped.
  worker.onmessage = ({ data }: MessageEvent<Answer>) => data.ask === asks && app.receive(data, index);
  worker.onerror = ({ message }) => app.receive({ kind: 'problem', text: message }, index);
  return worker;
}

/** Starts the workers first, so that they load while this page does. Returns a problem if there are none. */
function start(): Worker[] | string {
  try {
    return [...sides.keys()].map(startWorker);
  } catch (error) {
    return `This browser starts no worker from a page: ${(error as Error).message}. Try another browser.`;
  }
}

let asks = 0;
const workers = start();
const app = new App((setting) => {
  asks += 1;
  for (const [index, side] of sides.entries())
    if (typeof workers !== 'string') workers[index]!.postMessage({ ask: asks, setting, side } satisfies Ask);
  const address = addressOf(setting);
  if (location.hash !== address) history.replaceState(null, '', address);
});

addPresets(playables);
addCopyMenu(
  'share',
  'Share',
  'This address has what differs from the preset, and the time. You can edit it by hand.',
  () => location.href.replace(/#.*|$/, addressOf(app.setting, app.atMs)),
);
addCopyMenu(
  'yaml',
  'The experiment as YAML',
  'Your changes are phases, faults and options of it. “spillway simulate” of this file has the same counts.',
  yaml,
);
addCopyMenu(
  'sockets',
  'Run it on sockets',
  'The same experiment with real processes and connections. This command takes some minutes.',
  () => `cat > ${fileName()} <<'END'\n${yaml()}END\n${run} ${fileName()}`,
);

function openAddress(): void {
  const { setting, atMs, notes } = readAddress(location.hash, playables);
  app.open(setting, atMs, typeof workers === 'string' ? [workers, ...notes] : notes);
}
openAddress();
window.addEventListener('hashchange', openAddress);
