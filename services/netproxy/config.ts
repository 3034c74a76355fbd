import type { Static } from 'typebox';
import { Seed, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { ToxicSpec } from './toxics.ts';

export const proxiesMax = 100;

export const toxicsMax = 50;

const fields = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  listen: Type.String({
    default: '127.0.0.1:0',
    description: 'host:port; port 0: any free port. Must be loopback without CONTROL_TOKEN.',
  }),
  upstream: Type.String({ minLength: 1, description: 'host:port of the server.' }),
  enabled: Type.Boolean({ default: true }),
};

/** Proxy as the API accepts it. Its toxics are added in separate calls. */
export const ProxyFields = strict(fields);
export type ProxyFields = Static<typeof ProxyFields>;

/** Proxy with its toxics, as the API shows it. */
export const ProxySpec = strict({
  ...fields,
  toxics: Type.Array(ToxicSpec, { default: [], maxItems: toxicsMax }),
});
export type ProxySpec = Static<typeof ProxySpec>;

export const NetproxyConfig = strict({
  seed: Seed('Determines jitter, slices, and which connections a toxicity affects.'),
  proxies: Type.Array(ProxySpec, { default: [], maxItems: proxiesMax }),
});
export type NetproxyConfig = Static<typeof NetproxyConfig>;
