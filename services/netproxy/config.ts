import type { Static } from 'typebox';
import { Seed, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

export const proxiesMax = 100;

export const ProxySpec = strict({
  name: Type.String({ minLength: 1, maxLength: 200 }),
  listen: Type.String({
    default: '127.0.0.1:0',
    description: 'host:port; port 0: any free port. Must be loopback without CONTROL_TOKEN.',
  }),
  upstream: Type.String({ minLength: 1, description: 'host:port of the server.' }),
});
export type ProxySpec = Static<typeof ProxySpec>;

export const NetproxyConfig = strict({
  seed: Seed('Determines jitter.'),
  proxies: Type.Array(ProxySpec, { default: [], maxItems: proxiesMax }),
});
export type NetproxyConfig = Static<typeof NetproxyConfig>;
