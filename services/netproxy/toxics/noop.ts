import type { Stub } from '#netproxy/stub.ts';

/** Lets everything pass: what a toxic does to the connections that its toxicity spares. */
export async function noop(stub: Stub): Promise<void> {
  for await (const chunk of stub.chunks()) await stub.write(chunk);
}
