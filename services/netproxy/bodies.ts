import { refuse } from '#kit/schema/problems.ts';
import { isRecord, parser } from '#kit/schema/schema.ts';
import { wrongAddresses } from './address.ts';
import { ProxyFields } from './config.ts';
import { refusals } from './refusal.ts';
import { checkToxic, isToxicType, streams, ToxicSpec } from './toxics/kinds.ts';

const parseProxy = parser(ProxyFields);
const parseToxic = parser(ToxicSpec);

/** The fields of a proxy; others, such as what the API itself shows, are passed over. Throws Refusal or InvalidError. */
export function readProxy(body: unknown, mayListenAnywhere: boolean, where = ''): ProxyFields {
  const { name, listen, upstream, enabled } = known(body);
  if (name === undefined || name === '') throw refusals.missing(`name${where}`);
  if (upstream === undefined || upstream === '') throw refusals.missing(`upstream${where}`);
  const fields = parseProxy(
    withoutUndefined({ name, listen: listen === '' ? undefined : listen, upstream, enabled }),
  );
  const [wrong] = wrongAddresses(fields, mayListenAnywhere);
  if (wrong) throw refusals.badBody(`${wrong.field}${where}: ${wrong.message}`);
  return fields;
}

/** The same for a toxic, whose name may be left out. */
export function readToxic(body: unknown): ToxicSpec {
  const { type, stream = 'downstream', name, toxicity, attributes } = known(body);
  if (!(streams as readonly unknown[]).includes(stream)) throw refusals.stream();
  if (!isToxicType(type)) throw refusals.type();
  const toxic = parseToxic(
    withoutUndefined({ type, stream, name: name || `${type}_${stream}`, toxicity, attributes }),
  );
  refuse(checkToxic(toxic));
  return toxic;
}

/** The fields that say something: null says as little as nothing. Throws Refusal when it is no object. */
export function known(body: unknown): Record<string, unknown> {
  if (!isRecord(body)) throw refusals.badBody('expected an object');
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

const withoutUndefined = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
