import { button, byId, element } from '#lab/play/page/picture/elements.ts';

interface Copied {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** Text to copy, asked when the menu opens. */
  text(): string;
}

/** Adds a menu that shows a text and copies it. */
export function addCopyMenu({ id, title, about, text }: Copied): void {
  const shown = element('textarea', { readonly: true, spellcheck: 'false', 'aria-label': title });
  const copied = async () => {
    try {
      await navigator.clipboard.writeText(shown.value);
      copy.textContent = 'Copied';
    } catch {
      // A page from a file may have no clipboard. The selection can be copied with the keyboard.
      shown.select();
      copy.textContent = 'Selected: copy it with Ctrl+C';
    }
  };
  const copy = button('Copy', () => void copied());
  const menu = addMenu(id, title, element('p', {}, about), shown, copy);
  menu.addEventListener('beforetoggle', () => {
    shown.value = text();
    shown.rows = Math.min(18, shown.value.split('\n').length + 1);
    copy.textContent = 'Copy';
  });
}

/** Adds a menu that a button with its id in `popovertarget` opens. */
export function addMenu(id: string, title: string, ...children: Node[]): HTMLElement {
  const heading = `${id}-title`;
  const close = button('✕', () => menu.hidePopover(), { class: 'close', 'aria-label': 'Close' });
  const menu = element(
    'div',
    { id, popover: 'auto', role: 'dialog', 'aria-labelledby': heading, class: 'menu' },
    element('h2', { id: heading }, title),
    close,
    ...children,
  );
  document.body.append(menu);
  return menu;
}

export interface Choice {
  readonly name: string;
  readonly title: string;
  readonly about: string;
}

/** Adds the menu of presets. Each is a link, so that it can be opened beside this page. */
export function addPresets(choices: readonly Choice[]): void {
  const links = choices.map(({ name, title, about }) => {
    const click = () => byId('presets').hidePopover();
    const words = [element('b', {}, title), element('small', {}, about)];
    return element('li', {}, element('a', { href: `#${name}`, click }, ...words));
  });
  addMenu('presets', 'Questions', element('ul', { class: 'presets' }, ...links));
}

const keys = [
  ['Space', 'play or pause'],
  ['← →', 'step by 50 ms; on a strip by 0.5 s'],
  ['1 – 5', 'faults, at the time of the cursor'],
  ['R', 'reset to the preset'],
  ['G', 'guess before you see'],
  ['P', 'projector'],
  ['W', 'why'],
  ['?', 'this help'],
] as const;

export function addHelp(): void {
  const read = [
    'One dot is one call in flight at the dependency. Blue is a first attempt, orange with a hole is a retry.',
    'A hollow dot is work for a caller that has left. The dependency still does it.',
    'A pipe is as wide as its requests or attempts per second.',
    'The strip shows requests over time: offered grey, completed in time green. The grey that is left over is lost.',
    'Both panels get the same requests. B has the settings of A, but for those in green.',
  ];
  const list = element('ul', {}, ...read.map((text) => element('li', {}, text)));
  const rows = keys.map(([key, does]) =>
    element('tr', {}, element('th', { scope: 'row' }, element('kbd', {}, key)), element('td', {}, does)),
  );
  addMenu('help', 'How to read this', list, element('table', {}, ...rows));
}
