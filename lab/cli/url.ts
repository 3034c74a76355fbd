import { InvalidArgumentError } from '@commander-js/extra-typings';
import { type EngineOptions, type Part, parts } from '#lab/testbed/options.ts';

type Urls = EngineOptions['urls'];

/** Reads `<part>=<url>` and adds it to those given before. Throws InvalidArgumentError. */
export const urlOf = (text: string, before: Urls = {}): Urls => ({ ...before, ...read(text, parts) });

/** The same of the broker alone: its URL. */
export const brokerUrlOf = (text: string): string => read(text, ['nats']).nats!;

function read(text: string, allowed: readonly Part[]): Urls {
  const [, part = '', url = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const known = allowed.find((each) => each === part);
  if (!known)
    throw new InvalidArgumentError(
      `expected <part>=<url> with ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}`,
    );
  const scheme = known === 'nats' ? 'nats' : 'http';
  if (!new RegExp(`^${scheme}://[^/?#@\\s]+/?$`).test(url) || !URL.canParse(url))
    throw new InvalidArgumentError(`expected ${scheme}://host:port without a path or credentials`);
  return { [known]: url };
}
