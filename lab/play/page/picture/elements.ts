type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void) | undefined>>;

/** Makes an element. Attributes with a function are listeners; `true` sets an attribute without value. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}

export const button = (text: string, click: () => void, attributes: Attributes = {}): HTMLButtonElement =>
  element('button', { type: 'button', ...attributes, click }, text);

export const byId = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;

/** Sets a property, unless it is the same: a picture of 60 Hz must not touch the document each time. */
export function set<E extends Element, K extends keyof E>(of: E, property: K, value: E[K]): void {
  if (of[property] !== value) of[property] = value;
}

export const setText = (of: HTMLElement, text: string): void => set(of, 'textContent', text);
