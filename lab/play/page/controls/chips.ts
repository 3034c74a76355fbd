import { optionsOf, policyNames, type VariantValue } from '#lab/play/options.ts';
import { element } from '#lab/play/page/picture/elements.ts';
import { formOf, type SetOption } from './form.ts';
import { addMenu } from './menus.ts';

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
    const attributes = { class: differs ? 'chip differs' : 'chip' };
    const shown = differs && part ? `+ ${text}` : text;
    if (part === undefined) return element('span', attributes, shown);
    const button = element('button', { type: 'button', ...attributes }, shown);
    button.addEventListener('click', () => openForm(part, variant, set));
    return button;
  });
  const add = element('button', { type: 'button', class: 'chip', 'aria-label': 'Add a policy' }, '+');
  add.addEventListener('click', () => openAdding(variant, set));
  row.replaceChildren(...chips, add);
}

/** Opens a menu that is removed when it closes. */
function openOnce(title: string, ...children: Node[]): HTMLElement {
  document.getElementById('chip')?.remove();
  const menu = addMenu('chip', title, ...children);
  menu.showPopover();
  return menu;
}

function openForm(part: string, variant: VariantValue, set: SetOption): void {
  const options = optionsOf(variant).filter(({ path }) => path.startsWith(`${part}.`));
  const toggle = (text: string, path: string, value: string) => {
    const button = element('button', { type: 'button' }, text);
    button.addEventListener('click', () => {
      menu.hidePopover();
      set(path, value);
    });
    return button;
  };
  const buttons = policyNames.includes(part) ? [toggle(`Remove ${part}`, part, 'off')] : [];
  if (part === 'retry') {
    const hasBudget = options.some(({ path }) => path.startsWith('retry.budget.'));
    buttons.unshift(
      toggle(hasBudget ? 'Remove budget' : 'Add a budget', 'retry.budget', hasBudget ? 'off' : 'on'),
    );
  }
  const menu = openOnce(part, formOf(options, set), element('p', { class: 'row' }, ...buttons));
}

function openAdding({ policies }: VariantValue, set: SetOption): void {
  const missing = policyNames.filter((name) => !policies.some((policy) => name in policy));
  const buttons = missing.map((name) => {
    const button = element('button', { type: 'button' }, name);
    button.addEventListener('click', () => {
      menu.hidePopover();
      set(name, 'on');
    });
    return button;
  });
  const menu = openOnce('Add a policy', element('p', { class: 'row' }, ...buttons));
}
