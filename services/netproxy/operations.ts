import type { Operation } from '#kit/http/openapi.ts';
import { Type } from '#kit/schema/type.ts';

const error = Type.Object({ error: Type.String(), status: Type.Integer({ description: 'HTTP status.' }) });
const object = Type.Object({});

const answering = (status: 200 | 201 | 204, summary: string, body?: object): Operation => ({
  summary,
  ...(body && { body }),
  answers: { [status]: status === 204 ? null : Type.Unknown() },
  error,
});

/** Operations of Toxiproxy's API. Their bodies are described at https://github.com/Shopify/toxiproxy#http-api. */
export const operations = {
  version: answering(200, 'Returns the version of Toxiproxy whose API this is.'),
  reset: answering(
    204,
    'Enables all proxies and removes all toxics. Toxics are the faults of connections in the words of Toxiproxy.',
  ),
  list: answering(200, 'Lists all proxies by name.'),
  add: answering(201, 'Adds a proxy.', object),
  populate: answering(
    201,
    'Adds several proxies. Existing proxies with the same addresses stay as they are.',
    Type.Array(object),
  ),
  show: answering(200, 'Returns a proxy.'),
  update: answering(200, 'Changes a proxy. A changed address ends its open connections.', object),
  remove: answering(204, 'Removes a proxy.'),
  listToxics: answering(200, 'Lists the toxics of a proxy.'),
  addToxic: answering(200, 'Adds a toxic to a proxy.', object),
  showToxic: answering(200, 'Returns a toxic.'),
  updateToxic: answering(200, 'Changes a toxic.', object),
  removeToxic: answering(204, 'Removes a toxic.'),
};
