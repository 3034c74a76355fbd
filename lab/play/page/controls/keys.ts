/** Actions by key. A key is named as in the event, in lower case. */
export type Keys = Readonly<Record<string, () => void>>;

/** Listens to keys, except while a text, number or choice is changed. */
export function listenToKeys(keys: Keys): void {
  document.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, metaKey, altKey, defaultPrevented } = event;
    if (ctrlKey || metaKey || altKey || defaultPrevented) return;
    const isOn = (selector: string) => target instanceof Element && target.closest(selector) !== null;
    if (isOn('input, select, textarea, [popover]') || (key === ' ' && isOn('button, a'))) return;
    const act = keys[key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
