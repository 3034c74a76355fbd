import { duration, plain } from '#lab/experiment/text/format.ts';
import {
  addable,
  isShort,
  type Option,
  optionsOf,
  policyNames,
  shortNameOf,
  type VariantValue,
} from '#lab/play/options.ts';
import { percent } from '#lab/play/page/moment/sentence.ts';
import { button, element } from '#lab/play/page/picture/elements.ts';
import { type Choice, openMenu } from './menus.ts';

/** Takes an option's path, like `retry.maxRetries`, and its new value. */
export type SetOption = (path: string, value: number | string) => void;

interface Chip {
  /** Policy, consumer or stream; undefined for one that only the other variant has. */
  readonly part?: string;
  readonly text: string;
  /** True if it is not the same in the other variant. */
  readonly differs: boolean;
}

const partOf = (path: string): string => path.split('.')[0]!;

/** Returns the chips of a variant: its main options, and all in which it differs from the base. */
export function chipsOf(variant: VariantValue, base = variant): Chip[] {
  const [options, others] = [variant, base].map(optionsOf) as [Option[], Option[]];
  const isIn = (all: readonly Option[], path: string) => all.some((each) => each.path === path);
  const chips = options.flatMap((option) => {
    const { path, value } = option;
    const differs = others.every((other) => other.path !== path || other.value !== value);
    const isMain = isShort(path) && (Boolean(value) || shortNameOf(path) === partOf(path));
    // A part that only one has, and another kind, are told by their main options.
    const isChange = differs && isIn(others, path) && !path.endsWith('.kind');
    return isMain || isChange ? { part: partOf(path), text: textOf(option), differs } : [];
  });
  const missing = others.filter(({ path, value }) => value && isShort(path) && !isIn(options, path));
  return [...chips, ...missing.map((option) => ({ text: `no ${textOf(option)}`, differs: true }))];
}

/** Returns an option as a chip has it: `retry 2`, `timeout 250 ms`, `budget 10 %`. */
function textOf({ path, value }: Option): string {
  const name = isShort(path) ? shortNameOf(path) : path.split('.').slice(1).join(' ');
  if (value === undefined) return name;
  if (/Ms$|\.ms$/.test(path)) return plain(`${name} ${duration(Number(value))}`);
  return plain(`${name} ${/ratio|openJitter/i.test(path) ? percent(Number(value)) : value}`);
}

/** Fills a row with the chips of a variant. Each opens a form of the options of its part. */
export function fillChips(row: Element, variant: VariantValue, set: SetOption, base?: VariantValue): void {
  const chips = chipsOf(variant, base).map(({ part, text, differs }) => {
    const looks = { class: differs ? 'differs' : undefined };
    if (part === undefined) return element('span', looks, text);
    return button(differs ? `+ ${text}` : text, () => openForm(part, variant, set), looks);
  });
  const missing = policyNames.filter((name) => !variant.policies.some((policy) => name in policy));
  const choices = missing.map((name) => [name, () => set(name, 'on')] as const);
  const add = button('+', () => openMenu('Add a policy', [], choices), { 'aria-label': 'Add a policy' });
  row.replaceChildren(...chips, add);
}

function openForm(part: string, variant: VariantValue, set: SetOption): void {
  const options = optionsOf(variant).filter(({ path }) => path.startsWith(`${part}.`));
  const choices = addable
    .filter((each) => each.startsWith(part))
    .map((each): Choice => {
      const isThere = options.some(({ path }) => path.startsWith(`${each}.`));
      const does = isThere ? 'Remove' : 'Add';
      return [`${does} ${each.replace('.', ' ')}`, () => set(each, isThere ? 'off' : 'on')];
    });
  const fields = options.map((option) => {
    // The name that it has within its part.
    const name = option.path.split('.').slice(1).join(' ');
    const about = element('small', {}, option.description.replaceAll('`', ''));
    return element('label', { class: 'field' }, name, inputOf(option, set), about);
  });
  openMenu(part, fields, choices);
}

function inputOf({ path, value, choices, isWhole, least, most }: Option, set: SetOption): HTMLElement {
  if (choices) {
    const change = ({ target }: Event) => set(path, (target as HTMLSelectElement).value);
    const all = choices.map((each) => element('option', { selected: each === value }, String(each)));
    return element('select', { change, name: path }, ...all);
  }
  const change = ({ target }: Event) => {
    const input = target as HTMLInputElement;
    // An empty or wrong field changes nothing. The browser says what is wrong.
    if (input.value !== '' && input.reportValidity()) set(path, input.valueAsNumber);
  };
  const bounds = { min: String(least ?? ''), max: String(most ?? ''), step: isWhole ? '1' : 'any' };
  return element('input', { type: 'number', name: path, value: String(value ?? ''), ...bounds, change });
}
