import { duration, plain } from '#lab/kit/text/format.ts';
import { addable, type Option, optionsOf, policyNames, type VariantValue } from '#lab/play/options.ts';
import { percent } from '#lab/play/page/moment/sentence.ts';
import { button, element } from '#lab/play/page/picture/elements.ts';
import { type Choice, openMenu } from './menus.ts';

/** Takes an option's path, like `retry.maxRetries`, and its new value. */
export type SetOption = (path: string, value: number | string) => void;

/** Returns the path around an option: `retry.budget` of `retry.budget.ratio`. */
const groupOf = (path: string): string => path.slice(0, path.lastIndexOf('.'));

/** Returns the chips of a variant: its main options, and all in which it differs from the base. */
export function chipsOf(variant: VariantValue, base = variant) {
  const [options, others] = [variant, base].map(optionsOf) as [Option[], Option[]];
  const isIn = (all: readonly Option[], path: string) => all.some((each) => each.path === path);
  const chips = options.flatMap((option) => {
    const { path, value } = option;
    const other = others.find((each) => each.path === path);
    const differs = !other || other.value !== value;
    const main = mainIn(options, option);
    // A main option that only this kind has stands for the others beside it.
    const isClear = main.some((each) => !isIn(others, each.path));
    if (!main.includes(option) && (!other || !differs || isClear)) return [];
    const isLost = value === undefined && other?.value !== undefined;
    const text = isLost ? `no ${textOf(other)}` : `${differs ? '+ ' : ''}${textOf(option)}`;
    return { part: path.split('.')[0]!, text, differs };
  });
  const missing = others.filter((other) => {
    const isThere = options.some((option) => groupOf(option.path) === groupOf(other.path));
    return !isThere && mainIn(others, other).includes(other);
  });
  const lost = missing.map((option) => ({ part: undefined, text: `no ${textOf(option)}`, differs: true }));
  return [...chips, ...lost];
}

/** Returns the options that always have a chip, of those beside an option. A budget without any has its kind. */
function mainIn(all: readonly Option[], of: Option): Option[] {
  const group = all.filter((each) => groupOf(each.path) === groupOf(of.path));
  const main = group.filter(
    ({ path, short, value }) => short && (Boolean(value) || groupOf(path).split('.').includes(short)),
  );
  return main.length > 0 ? main : group.filter(({ path }) => path.endsWith('.budget.kind'));
}

/** Returns an option as a chip has it: `retry 2`, `timeout 250 ms`, `budget 10 %`. */
function textOf({ path, short, value }: Option): string {
  const name = short ?? path.replaceAll(/^\w+\.|\.kind$/g, '').replaceAll('.', ' ');
  if (value === undefined) return name;
  if (/Ms$|\.ms$/.test(path)) return plain(`${name} ${duration(Number(value))}`);
  return plain(`${name} ${/ratio|openJitter/i.test(path) ? percent(Number(value)) : value}`);
}

/** Fills a row with the chips of a variant. Each opens a form of the options of its part. */
export function fillChips(row: Element, variant: VariantValue, set: SetOption, base?: VariantValue): void {
  const chips = chipsOf(variant, base).map(({ part, text, differs }) => {
    const looks = { class: differs ? 'differs' : undefined };
    if (part === undefined) return element('span', looks, text);
    return button(text, () => openForm(part, variant, set), looks);
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

function inputOf({ path, value, choices, isWhole, isText, least, most }: Option, set: SetOption) {
  if (choices) {
    const change = ({ target }: Event) => set(path, (target as HTMLSelectElement).value);
    const all = choices.map((each) => element('option', { selected: each === value }, String(each)));
    return element('select', { change, name: path }, ...all);
  }
  const change = ({ target }: Event) => {
    const input = target as HTMLInputElement;
    // An empty or wrong field changes nothing. The browser says what is wrong.
    if (input.value !== '' && input.reportValidity()) set(path, input.value);
  };
  const bounds = { min: `${least ?? ''}`, max: `${most ?? ''}`, step: isWhole ? '1' : 'any' };
  const type = isText ? 'text' : 'number';
  return element('input', { type, name: path, value: `${value ?? ''}`, ...bounds, change });
}
