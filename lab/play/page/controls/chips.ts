import { duration, plain } from '#lab/experiment/text/format.ts';
import { type Option, optionsOf, policyNames, type VariantValue } from '#lab/play/options.ts';
import { percent } from '#lab/play/page/moment/sentence.ts';
import { button, element } from '#lab/play/page/picture/elements.ts';
import { type Choice, openMenu } from './menus.ts';

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

const ms = (value: unknown): string => duration(Number(value));

/** Words for each part of a variant. What they leave out is in the chip's form. */
const words: Readonly<Record<string, (options: Options) => (string | false)[]>> = {
  retry: ({ maxRetries = 3, backoff, budget }) => [
    `retry ${maxRetries}`,
    waitOf(backoff as Options | undefined),
    budget !== undefined && budgetOf(budget as Options),
  ],
  timeout: ({ ms: limit }) => [`timeout ${ms(limit)}`],
  bulkhead: ({ concurrency, queue }) => [`bulkhead ${concurrency}`, Boolean(queue) && `queue ${queue}`],
  breaker: ({ openMs = 5000, openJitter }) => [
    `breaker ${ms(openMs)}${openJitter ? ` ± ${percent(Number(openJitter))}` : ''}`,
  ],
  consumer: ({ concurrency = 1, redelivery }) => [
    `${concurrency} handlers`,
    redelivery !== undefined && `redeliver ${(redelivery as Options).maxRetries ?? ''}`,
  ],
  stream: ({ maxPending }) => [maxPending !== undefined && `stream ${maxPending}`],
};

const waitOf = ({ kind, delayMs, baseMs = 20, capMs = 400 }: Options = {}): string =>
  kind === 'constant' ? `wait ${ms(delayMs)}` : `wait ${baseMs}–${ms(capMs)}`;

const budgetOf = ({ kind, ratio = 0.2 }: Options): string =>
  `retry budget ${kind === 'finagle' ? percent(Number(ratio)) : `(${kind})`}`;

/** Returns the chips of a variant. Those that the base doesn't have differ, and so do those that it lacks. */
export function chipsOf(variant: VariantValue, base = variant): Chip[] {
  const [chips, others] = [variant, base].map(plainChips) as [Chip[], Chip[]];
  const kinds = chips.map(kindOf);
  const missing = others.filter((chip) => !kinds.includes(kindOf(chip)));
  return [
    ...chips.map((chip) => ({ ...chip, differs: others.every(({ text }) => text !== chip.text) })),
    ...missing.map(({ text }) => ({ text: `no ${text}`, differs: true })),
  ];
}

/** Returns the words of a chip without its numbers: what the chip is about. */
const kindOf = ({ text }: Chip): string => text.replaceAll(/[^a-z ]|\b(ms|s)\b/g, '').trim();

function plainChips({ path, policies, consumer = {}, stream = {} }: VariantValue): Chip[] {
  const parts = path === 'event' ? [...policies, { consumer }, { stream }] : policies;
  return parts.flatMap((each) =>
    Object.entries(each).flatMap(([part, options]) => {
      const texts = words[part]?.(options as Options) ?? [part];
      return texts.flatMap((text) => (text === false ? [] : [{ part, text: plain(text), differs: false }]));
    }),
  );
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
  const hasBudget = options.some(({ path }) => path.startsWith('retry.budget.'));
  const budget = hasBudget ? (['Remove budget', 'off'] as const) : (['Add a budget', 'on'] as const);
  const choices: Choice[] = [];
  if (part === 'retry') choices.push([budget[0], () => set('retry.budget', budget[1])]);
  if (policyNames.includes(part)) choices.push([`Remove ${part}`, () => set(part, 'off')]);
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
