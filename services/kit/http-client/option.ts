import { Type } from '#kit/schema/type.ts';

const names = ['light', 'undici'] as const;
export type HttpClientName = (typeof names)[number];

/**
 * Option of a service's configuration. It is in a separate file, since the lab needs the schema without loading the
 * clients.
 */
export const HttpClientOption = Type.Optional(
  Type.Enum([...names], {
    description:
      "HTTP client of the calls to downstream. `light` is the load generator's. `undici` needs more CPU time per request. Default: light.",
  }),
);
