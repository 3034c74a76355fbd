/** A refused call of the API, in Toxiproxy's words and with its status. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(message: string, { status, ...options }: ErrorOptions & { status: number }) {
    super(message, options);
    this.status = status;
  }
}

export const refusals = {
  badBody: (why: string) => new Refusal(`bad request body: ${why}`, { status: 400 }),
  missing: (field: string) => new Refusal(`missing required field: ${field}`, { status: 400 }),
  stream: () => new Refusal('stream was invalid, can be either upstream or downstream', { status: 400 }),
  type: () => new Refusal('invalid toxic type', { status: 400 }),
  noProxy: () => new Refusal('proxy not found', { status: 404 }),
  noToxic: () => new Refusal('toxic not found', { status: 404 }),
  proxyExists: () => new Refusal('proxy already exists', { status: 409 }),
  tooManyProxies: (most: number) => new Refusal(`expected at most ${most} proxies`, { status: 409 }),
  tooManyToxics: (most: number) => new Refusal(`expected at most ${most} toxics on a proxy`, { status: 409 }),
  toxicExists: () => new Refusal('toxic already exists', { status: 409 }),
};
