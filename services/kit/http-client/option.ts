import { Type } from 'typebox';

const names = ['light', 'undici'] as const;
export type HttpClientName = (typeof names)[number];

/** The HTTP client of a service, in its configuration. Apart from the clients, which the lab has no use for. */
export const HttpClientOption = Type.Optional(
  Type.Enum([...names], {
    description:
      "HTTP client of the calls to downstream. `light`, the default, is the load generator's. `undici` needs more CPU time per request.",
  }),
);
