import { Type } from '#kit/schema/type.ts';

const names = ['light', 'undici'] as const;
export type HttpClientName = (typeof names)[number];

/** HTTP client of a service in its configuration. In a separate file, since the lab doesn't use the clients. */
export const HttpClientOption = Type.Optional(
  Type.Enum([...names], {
    description:
      "HTTP client of the calls to downstream. `light`, the default, is the load generator's. `undici` needs more CPU time per request.",
  }),
);
