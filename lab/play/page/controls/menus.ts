import { button, byId, element } from '#lab/play/page/picture/elements.ts';
import type { Playable } from '#lab/play/setting.ts';

/** Adds a menu that a button with its id in `popovertarget` opens. */
function addMenu(id: string, title: string, ...children: Node[]): HTMLElement {
  const heading = `${id}-title`;
  // With the focus, so that the keyboard goes on from here.
  const named = { class: 'plain close', 'aria-label': 'Close', autofocus: true };
  const close = button('✕', () => menu.hidePopover(), named);
  const looks = { id, popover: 'auto', role: 'dialog', 'aria-labelledby': heading, class: 'menu' };
  const menu = element('div', looks, close, element('h2', { id: heading }, title), ...children);
  document.body.append(menu);
  return menu;
}

export type Choice = readonly [text: string, act: () => void];

/** Opens a menu with buttons that act and close it. The last such menu is removed. */
export function openMenu(title: string, children: readonly Node[], choices: readonly Choice[]): void {
  document.getElementById('opened')?.remove();
  const buttons = choices.map(([text, act]) => button(text, act, { popovertarget: 'opened' }));
  addMenu('opened', title, ...children, element('p', { class: 'row' }, ...buttons)).showPopover();
}

/** Adds a menu that shows a text and copies it. The text is asked when the menu opens. */
export function addCopyMenu(id: string, title: string, about: string, text: () => string): void {
  const shown = element('textarea', { readonly: true, spellcheck: 'false', 'aria-label': title });
  const copy = button('Copy', () => {
    shown.select();
    // Unlike `navigator.clipboard`, it needs no secure origin.
    copy.textContent = document.execCommand('copy') ? 'Copied' : 'Selected: copy it with Ctrl+C';
  });
  const menu = addMenu(id, title, element('p', {}, about), shown, copy);
  menu.addEventListener('beforetoggle', () => {
    shown.value = text();
    shown.rows = Math.min(18, shown.value.split('\n').length + 1);
    copy.textContent = 'Copy';
  });
}

/** Adds the menu of presets. Each is a link, so that it can be opened beside this page. */
export function addPresets(presets: readonly Playable[]): void {
  const links = presets.map(({ id, title, sentence }) => {
    const about = element('small', {}, sentence.replaceAll('`', ''));
    const looks = { href: `#${id}`, click: () => byId('presets').hidePopover() };
    return element('p', {}, element('a', looks, title), element('br'), about);
  });
  addMenu('presets', 'Questions', ...links);
}

export interface Action {
  /** Key of the event, in lower case. */
  readonly key: string;
  readonly name: string;
  readonly does: string;
  /** Id of its button on the page, or of the element that gets one. */
  readonly button?: string;
  act(): void;
}

const howToRead = [
  'One dot is one call in flight at the dependency. A hollow one is work for a caller that has left.',
  'A square is an event that waits in a queue, amber if its deadline is over.',
  'A pipe is as wide as its requests or attempts per second.',
  'The strip shows requests over time: offered grey, completed in time green. The grey that is left over is lost.',
  'Both panels get the same requests. B has the settings of A, but for those in green.',
];

/** Listens to keys, except while a text, number or choice is changed, and to buttons. Adds the help that names them. */
export function addActions(actions: readonly Action[]): void {
  document.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, metaKey, altKey, defaultPrevented } = event;
    if (ctrlKey || metaKey || altKey || defaultPrevented) return;
    const isOn = (selector: string) => target instanceof Element && target.closest(selector) !== null;
    if (isOn('input, select, textarea, [popover]') || (key === ' ' && isOn('button, a'))) return;
    const action = actions.find((each) => each.key === key.toLowerCase());
    if (!action) return;
    event.preventDefault();
    action.act();
  });
  const rows = actions.map(({ name, does, button: id, act }) => {
    const place = id === undefined ? undefined : byId(id);
    if (place instanceof HTMLButtonElement) place.addEventListener('click', act);
    else place?.append(button(does, act, { title: `Key ${name}` }));
    // Without a keyboard, the line is a button.
    const line = button(does, act, { class: 'plain', popovertarget: 'help' });
    return element('p', {}, element('kbd', {}, name), ' ', line);
  });
  const list = howToRead.map((text) => element('p', {}, text));
  addMenu('help', 'How to read this', ...list, element('div', { class: 'keys' }, ...rows));
}
