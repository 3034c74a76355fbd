import {
  type Argument,
  type CommandUnknownOpts,
  InvalidArgumentError,
  type Option,
} from '@commander-js/extra-typings';
import { urlsIn } from '#kit/urls.ts';
import { numberOf, parseDuration, parseQuantity } from '#lab/experiment/hypothesis/terms.ts';
import type { Vary } from '#lab/explore/exploration.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { type EngineOptions, type Part, parts } from '#lab/world/testbed.ts';

/** Problems with flags and arguments, collected while parsing. */
export const argErrors: string[] = [];

/**
 * Makes a command and its subcommands collect problems in `argErrors`, instead of exiting at the first problem. Also
 * makes their errors refer to `--help`. `path` has the words of the command.
 */
export function collectArgErrors(command: CommandUnknownOpts, path: readonly string[] = []): void {
  command.showHelpAfterError(`(see ${commandLine([...path, '--help'])})`);
  for (const option of command.options) collect(option, `option '${option.flags}'`);
  for (const argument of command.registeredArguments) collect(argument, `argument '${argument.name()}'`);
  for (const each of command.commands) collectArgErrors(each, [...path, each.name()]);
}

function collect(holder: Option | Argument, name: string): void {
  const parse = holder.parseArg;
  if (!parse) return;
  holder.parseArg = (value, previous) => {
    try {
      return parse(value, previous);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const expected = error.message.replace(/^Allowed choices are (.*)\.$/, 'expected one of $1');
      const got = expected.includes(', got ') ? '' : `, got ${value === '' ? 'an empty text' : `'${value}'`}`;
      argErrors.push(`error: ${name}: ${expected}${got}`);
      return previous;
    }
  };
}

/** Parses a name. Throws InvalidArgumentError for an empty text, which may come from an unset shell variable. */
export function given(text: string): string {
  if (text === '') throw new InvalidArgumentError('expected a name');
  return text;
}

const labelCharsMax = 80;

/** Parses a label: a short line without characters that change how a terminal or a page shows it. */
export function labelOf(text: string): string {
  const isLine = !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text) && text.trim() !== '';
  if (!isLine || text.length > labelCharsMax)
    throw new InvalidArgumentError(
      `expected a line of 1 to ${labelCharsMax} characters, none of them a control character`,
    );
  return text.trim();
}

/** Parses a name, and appends it to the names from earlier flags. */
export const eachGiven = (text: string, before: readonly string[] = []): string[] => [...before, given(text)];

/** Parses comma-separated names, and appends them to the names from earlier flags. Drops duplicates. */
export const namesOf = (text: string, before: readonly string[] = []): string[] => [
  ...new Set([...before, ...text.split(',').map((name) => given(name.trim()))]),
];

/** Parses a whole number from `min` to `max`. */
export const whole =
  (min: number, max: number, alternative = '') =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}${alternative}`);
  };

/** Parses a number above 0, at most `max`. */
export const positive =
  (max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= max) return value;
    throw new InvalidArgumentError(`expected a number above 0, at most ${max}`);
  };

/** Parses a whole number from 1 to `max`, or `auto`. */
export const factorOf =
  (max: number) =>
  (text: string): number | 'auto' =>
    text === 'auto' ? text : whole(1, max, ', or auto')(text);

/** Parses a share: `5%` or `0.05`. Refuses a plain 5, since it probably doesn't mean 500 %. */
export function marginOf(text: string): number {
  const quantity = parseQuantity(text);
  const isShare = quantity?.suffix === '%' || (quantity?.suffix === '' && quantity.amount <= 1);
  if (!quantity || !isShare) throw new InvalidArgumentError('expected a share such as 5% or 0.05');
  return numberOf(quantity);
}

/** Parses a time such as `20s`, and returns ms. */
export function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('expected a time up to 3600s, such as 20s or 500ms');
  return ms;
}

/** Reads `PATH=VALUES`, and appends it to those before. */
export function varyOf(text: string, before: readonly Vary[] = []): Vary[] {
  const [, path = '', values = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (path.trim() === '' || values === '')
    throw new InvalidArgumentError('expected PATH=VALUES, as in load[1].arrivals.ratePerSecond=40..200/10');
  return [...before, { path: path.trim(), text: values.replaceAll(' ', '') }];
}

type Urls = EngineOptions['urls'];

/** Parses `<part>=<url>`, and adds it to the URLs from earlier flags. */
export const urlOf = (text: string, before: Urls = {}): Urls => ({ ...before, ...read(text, parts) });

/** Parses `nats=<url>`, and returns the URL. */
export const brokerUrlOf = (text: string): string => read(text, ['nats']).nats!;

function read(text: string, allowed: readonly Part[]): Urls {
  const [, part = '', url = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const known = allowed.find((each) => each === part);
  if (!known)
    throw new InvalidArgumentError(
      `expected <part>=<url> with ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}`,
    );
  const schemes = schemesOf(known);
  const isOf = (scheme: string) => (each: string) =>
    new RegExp(`^${scheme}://[^/?#@\\s]+/?$`).test(each) && URL.canParse(each);
  if (!schemes.some((scheme) => urlsIn(url).every(isOf(scheme))))
    throw new InvalidArgumentError(
      `expected ${schemes.map((scheme) => `${scheme}://host:port`).join(' or ')} without a path or credentials`,
    );
  return { [known]: url };
}

function schemesOf(part: Part): readonly string[] {
  if (part === 'nats') return ['nats'];
  // Only these parts can be services of the user.
  return part === 'gateway' || part === 'publisher' ? ['http', 'https'] : ['http'];
}
