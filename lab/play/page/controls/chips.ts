import { type Option, optionsOf, policyNames, type VariantValue } from '#lab/play/options.ts';
import { button, byId, element } from '#lab/play/page/picture/elements.ts';
import { addMenu } from './menus.ts';

/** Takes an option's path, like `retry.maxRetries`, and its new value. */
export type SetOption = (path: string, value: number | string | boolean) => void;

type Options = Readonly<Record<string, unknown>>;

interface Chip {
  /** Policy, consumer or stream; undefined for one that only the other variant has. */
  readonly part?: string;
  readonly text: string;
  /** True if the other variant has no such chip. */
  readonly differs: boolean;
}

const ms = (value: unknown): string =>
  Number(value) >= 1000 ? `${Number(value) / 1000} s` : `${Number(value)} ms`;

/** Words for each part of a variant. What they leave out is in the chip's form. */
const words: Readonly<Record<string, (options: Options) => string[]>> = {
  retry: ({ maxRetries = 3, backoff, budget }) => [
    `retry ${maxRetries}`,
    waitOf(backoff as Options | undefined),
    ...(budget ? [budgetOf(budget as Options)] : []),
  ],
  timeout: ({ ms: limit }) => [`timeout ${ms(limit)}`],
  deadline: () => ['deadline'],
  bulkhead: ({ concurrency, queue }) => [`bulkhead ${concurrency}`, ...(queue ? [`queue ${queue}`] : [])],
  breaker: ({ openMs = 5000, openJitter }) => [
    `breaker ${ms(openMs)}${openJitter ? ` ± ${Number(openJitter) * 100} %` : ''}`,
  ],
  consumer: ({ concurrency = 1, redelivery }) => [
    `${concurrency} handlers`,
    ...(redelivery ? [`redeliver ${(redelivery as Options).maxRetries ?? ''}`] : []),
  ],
  stream: ({ maxPending }) => (maxPending === undefined ? [] : [`stream ${maxPending}`]),
};

const waitOf = ({ kind, delayMs, baseMs = 20, capMs = 400 }: Options = {}): string =>
  kind === 'constant' ? `wait ${ms(delayMs)}` : `wait ${baseMs}–${ms(capMs)}`;

const budgetOf = ({ kind, ratio = 0.2 }: Options): string =>
  kind === 'finagle' ? `retry budget ${Math.round(Number(ratio) * 100)} %` : `retry budget (${kind})`;

/** Returns the chips of a variant. Those that the base doesn't have differ, and so do those that it lacks. */
export function chipsOf(variant: VariantValue, base?: VariantValue): Chip[] {
  const chips = plainChips(variant);
  if (!base) return chips;
  const others = plainChips(base);
  const has = (all: readonly Chip[], { text }: Chip) => all.some((each) => each.text === text);
  const kinds = chips.map(kindOf);
  const missing = others.filter((chip) => !kinds.includes(kindOf(chip)));
  return [
    ...chips.map((chip) => ({ ...chip, differs: !has(others, chip) })),
    ...missing.map(({ text }) => ({ text: `no ${text}`, differs: true })),
  ];
}

/** Returns the words of a chip without its numbers: what the chip is about. */
const kindOf = ({ text }: Chip): string => text.replaceAll(/[^a-z ]|\b(ms|s)\b/g, '').trim();

function plainChips({ path, policies, ...rest }: VariantValue): Chip[] {
  const events = path === 'event' ? [{ consumer: rest.consumer ?? {} }, { stream: rest.stream ?? {} }] : [];
  return [...policies, ...events].flatMap((part) =>
    Object.entries(part).flatMap(([name, options]) =>
      (words[name]?.(options as Options) ?? [name]).map((text) => ({ part: name, text, differs: false })),
    ),
  );
}

/** Fills a row with the chips of a variant. Each opens a form of the options of its part. */
export function fillChips(
  row: HTMLElement,
  variant: VariantValue,
  base: VariantValue | undefined,
  set: SetOption,
): void {
  const chips = chipsOf(variant, base).map(({ part, text, differs }) => {
    const looks = { class: differs ? 'differs' : undefined };
    const shown = differs && part ? `+ ${text}` : text;
    if (part === undefined) return element('span', looks, shown);
    return button(shown, () => openForm(part, variant, set), looks);
  });
  row.replaceChildren(
    ...chips,
    button('+', () => openAdding(variant, set), { 'aria-label': 'Add a policy' }),
  );
}

/** Opens a menu of one part. The menu of another part is removed. */
function openOnce(title: string, ...children: Node[]): void {
  document.getElementById('chip')?.remove();
  addMenu('chip', title, ...children).showPopover();
}

/** Returns a button that sets an option and closes the menu. */
const choice = (text: string, path: string, value: string, set: SetOption): HTMLElement =>
  button(text, () => {
    byId('chip').hidePopover();
    set(path, value);
  });

function openForm(part: string, variant: VariantValue, set: SetOption): void {
  const options = optionsOf(variant).filter(({ path }) => path.startsWith(`${part}.`));
  const hasBudget = options.some(({ path }) => path.startsWith('retry.budget.'));
  const budget = hasBudget
    ? choice('Remove budget', 'retry.budget', 'off', set)
    : choice('Add a budget', 'retry.budget', 'on', set);
  const buttons = [
    ...(part === 'retry' ? [budget] : []),
    ...(policyNames.includes(part) ? [choice(`Remove ${part}`, part, 'off', set)] : []),
  ];
  openOnce(part, formOf(options, set), element('p', { class: 'row' }, ...buttons));
}

function openAdding({ policies }: VariantValue, set: SetOption): void {
  const missing = policyNames.filter((name) => !policies.some((policy) => name in policy));
  const buttons = missing.map((name) => choice(name, name, 'on', set));
  openOnce('Add a policy', element('p', { class: 'row' }, ...buttons));
}

/** Returns a field for each option, with the name that it has within its policy. */
function formOf(options: readonly Option[], set: SetOption): HTMLElement {
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
