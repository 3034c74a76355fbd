import type { Operation } from '#kit/http/openapi.ts';
import { mapOf } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { ProxyFields, ProxySpec } from './config.ts';
import { ToxicSpec } from './toxics.ts';

const error = Type.Object({ error: Type.String(), status: Type.Integer({ description: 'HTTP status.' }) });
const noProxy = { 404: 'There is no such proxy.' };
const noToxic = { 404: 'There is no such proxy or toxic.' };
const badBody = { 400: 'The body is not valid.' };

/** Makes fields optional and nullable, since the API treats null as unset. */
const unset = (fields: Readonly<Record<string, object>>) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [
      name,
      Type.Optional(Type.Unsafe({ anyOf: [schema, { type: 'null' }] })),
    ]),
  );

const { name, upstream, ...settings } = ProxyFields.properties;
const newProxy = Type.Object({ name, upstream, ...unset(settings) });
const proxyChange = Type.Object(unset({ upstream, ...settings }));

/** Schema of a new toxic. Its name is optional. The default name consists of type and stream. */
const newToxic = {
  type: 'object',
  oneOf: (ToxicSpec as unknown as { oneOf: { properties: Record<'type', object> }[] }).oneOf.map(
    ({ properties: { type, ...others } }) => ({
      properties: { type, ...unset({ ...others, name: Type.String({ maxLength: 200 }) }) },
      required: ['type'],
    }),
  ),
};
const toxicChange = Type.Object(
  unset({
    toxicity: Type.Number({ minimum: 0, maximum: 1 }),
    attributes: mapOf(Type.Unsafe({ type: ['number', 'null'] }), { description: 'Attributes to change.' }),
  }),
);

const toxics = Type.Array(ToxicSpec);
const proxyList = Type.Object({ proxies: Type.Array(ProxySpec) });

/** Descriptions of the operations of Toxiproxy's HTTP API. */
export const operations = {
  version: {
    summary: 'Returns the version of Toxiproxy whose API this is.',
    answers: { 200: Type.Object({ version: Type.String() }) },
    error,
  },
  reset: {
    summary:
      'Enables all proxies and removes all toxics. Toxics are the faults of connections in the words of Toxiproxy.',
    answers: { 204: null },
    error,
  },
  list: { summary: 'Lists all proxies by name.', answers: { 200: mapOf(ProxySpec) }, error },
  add: {
    summary: 'Adds a proxy.',
    body: newProxy,
    answers: { 201: ProxySpec },
    problems: { ...badBody, 409: 'The name is taken, or there are too many proxies.' },
    error,
  },
  populate: {
    summary: 'Adds several proxies. Existing proxies with the same addresses stay as they are.',
    body: Type.Array(newProxy),
    answers: { 201: proxyList },
    problems: badBody,
    error,
  },
  show: { summary: 'Returns a proxy.', answers: { 200: ProxySpec }, problems: noProxy, error },
  update: {
    summary: 'Changes a proxy. A changed address ends its open connections.',
    body: proxyChange,
    answers: { 200: ProxySpec },
    problems: { ...badBody, ...noProxy },
    error,
  },
  remove: { summary: 'Removes a proxy.', answers: { 204: null }, problems: noProxy, error },
  listToxics: {
    summary: 'Lists the toxics of a proxy.',
    answers: { 200: toxics },
    problems: noProxy,
    error,
  },
  addToxic: {
    summary: 'Adds a toxic to a proxy.',
    body: newToxic,
    answers: { 200: ToxicSpec },
    problems: { ...badBody, ...noProxy, 409: 'The name is taken, or there are too many toxics.' },
    error,
  },
  showToxic: { summary: 'Returns a toxic.', answers: { 200: ToxicSpec }, problems: noToxic, error },
  updateToxic: {
    summary: 'Changes a toxic.',
    body: toxicChange,
    answers: { 200: ToxicSpec },
    problems: { ...badBody, ...noToxic },
    error,
  },
  removeToxic: { summary: 'Removes a toxic.', answers: { 204: null }, problems: noToxic, error },
} satisfies Record<string, Operation>;
