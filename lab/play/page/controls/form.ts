import type { Option } from '#lab/play/options.ts';
import { element } from '#lab/play/page/picture/elements.ts';

/** Takes an option's path, like `retry.maxRetries`, and its new value. */
export type SetOption = (path: string, value: number | string | boolean) => void;

/** Returns a field for each option, with the name that it has within its policy. */
export function formOf(options: readonly Option[], set: SetOption): HTMLElement {
  const fields = options.map((option) => {
    const name = option.path.split('.').slice(1).join(' ');
    const about = element('small', {}, option.description.replaceAll('`', ''));
    return element('label', { class: 'field' }, element('span', {}, name), inputOf(option, set), about);
  });
  return element('div', { class: 'form' }, ...fields);
}

function inputOf({ path, value, choices, isWhole, least, most }: Option, set: SetOption): HTMLElement {
  const shown = value === undefined ? '' : String(value);
  if (choices) {
    const change = ({ target }: Event) => set(path, (target as HTMLSelectElement).value);
    const all = choices.map((each) => element('option', { selected: each === shown }, each));
    return element('select', { change, name: path }, ...all);
  }
  const change = ({ target }: Event) => {
    const input = target as HTMLInputElement;
    // An empty or wrong field changes nothing. The browser says what is wrong.
    if (input.value !== '' && input.reportValidity()) set(path, input.valueAsNumber);
  };
  return element('input', {
    ...{ type: 'number', name: path, value: shown, step: isWhole ? '1' : 'any', change },
    min: String(least ?? ''),
    max: String(most ?? ''),
  });
}
