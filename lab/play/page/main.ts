import { addressOf, readAddress } from '#lab/play/address.ts';
import type { Playable, Setting } from '#lab/play/setting.ts';
import { yamlOf } from '#lab/play/yaml.ts';
import { App } from './app.ts';
import { Client } from './client.ts';
import { addCopyMenu, addHelp, addPresets } from './controls/menus.ts';
import { byId } from './picture/elements.ts';

const playables: readonly Playable[] = JSON.parse(byId('playables').textContent!);
const playableOf = ({ id }: Setting) => playables.find((each) => each.id === id)!;
const yaml = () => yamlOf(app.played.value);
const fileName = () => `${playableOf(app.setting).name}-changed.yaml`;

/** Starts the workers first, so that they load while this page does. */
function startClient(): Client | string {
  try {
    return new Client(byId('worker').textContent!, (told, variant) => app.hear(told, variant));
  } catch (error) {
    return `This browser starts no worker from a page: ${(error as Error).message}. Try another browser.`;
  }
}

const client = startClient();
const { setting, atMs, notes } = readAddress(location.hash, playables);
const app = new App({
  playables,
  simulate: (playable, changed) => typeof client !== 'string' && client.simulate(playable, changed),
  changed(changed) {
    const address = addressOf(changed, playableOf(changed));
    if (location.hash !== address) history.replaceState(null, '', address);
  },
});
if (typeof client === 'string') app.tell(client);

addHelp();
addPresets(playables.map(({ id, title, sentence }) => ({ name: id, title, about: sentence })));
addCopyMenu({
  id: 'share',
  title: 'Share',
  about: 'This address has what differs from the preset, and the time. You can edit it by hand.',
  text: () => location.href.replace(/#.*|$/, addressOf(app.setting, playableOf(app.setting), app.atMs)),
});
addCopyMenu({
  id: 'yaml',
  title: 'The experiment as YAML',
  about:
    'Your changes are phases, faults and options of it. `spillway simulate` of this file has the same counts.',
  text: yaml,
});
addCopyMenu({
  id: 'sockets',
  title: 'Run it on sockets',
  about: 'The same experiment with real processes and connections. This command takes some minutes.',
  text: () => `cat > ${fileName()} <<'END'\n${yaml()}END\nspillway run ${fileName()}`,
});

app.open(setting, atMs, notes);
window.addEventListener('hashchange', () => {
  const address = readAddress(location.hash, playables);
  app.open(address.setting, address.atMs, address.notes);
});
