import { Type } from 'typebox';

const names = ['light', 'undici'] as const;
export type HttpClientName = (typeof names)[number];

/** The HTTP client of a service, in its configuration. Apart from the clients, which the lab has no use for. */
export const HttpClientOption = Type.Optional(
  Type.Enum([...names], {
    description:
      "Of the calls to downstream: by default light, the load generator's own; undici is what most services on Node run, and needs more CPU per request.",
  }),
);
