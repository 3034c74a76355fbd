import { addressOf, readAddress } from '#lab/play/address.ts';
import type { Playable } from '#lab/play/setting.ts';
import { yamlOf } from '#lab/play/yaml.ts';
import { App } from './app.ts';
import { startWorkers } from './client.ts';
import { addCopyMenu, addPresets } from './controls/menus.ts';
import { byId } from './picture/elements.ts';

const playables: readonly Playable[] = JSON.parse(byId('playables').textContent!);
/** Command that takes an experiment to sockets, with the checkout or the package that made the page. */
const run: string = JSON.parse(byId('run').textContent!);
const yaml = () => yamlOf(app.played);
const fileName = () => `${app.setting.playable.name}-changed.yaml`;

/** Starts the workers first, so that they load while this page does. Returns a problem if there are none. */
function start() {
  try {
    return startWorkers(byId('worker').textContent!, (told, variant) => app.hear(told, variant));
  } catch (error) {
    return `This browser starts no worker from a page: ${(error as Error).message}. Try another browser.`;
  }
}

const simulate = start();
const app = new App(playables, (setting) => {
  if (typeof simulate !== 'string') simulate(setting);
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
  app.open(setting, atMs, typeof simulate === 'string' ? [simulate, ...notes] : notes);
}
openAddress();
window.addEventListener('hashchange', openAddress);
