import type { FastifyInstance } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import type { LeasedFault, LeasedFaults } from './leased-faults.ts';

const Params = strict({ name: Type.String({ minLength: 1, maxLength: 40 }) });
type Named = Static<typeof Params>;
const leaseMs = Type.Number({
  exclusiveMinimum: 0,
  maximum: 86_400_000,
  description: 'Time after which the fault is cleared, unless it is cleared earlier.',
});

/** Injects and clears faults by name; `fields` are the others of a fault. Each answer lists those in force. */
export function faultRoutes<O extends { readonly kind: string }, F extends LeasedFault<O>>(
  app: FastifyInstance,
  fields: Readonly<Record<string, TSchema>>,
  faults: LeasedFaults<O, F>,
): void {
  app.get('/faults', () => faults.list());
  const body = strict({ leaseMs, ...fields });
  app.put('/faults/:name', { schema: { params: Params, body } }, async (request) => {
    const { leaseMs, ...fault } = request.body as { leaseMs: number };
    await faults.begin({ ...(request.params as Named), ...fault } as unknown as F, leaseMs);
    return faults.list();
  });
  app.delete('/faults/:name', { schema: { params: Params } }, async (request) => {
    await faults.end((request.params as Named).name);
    return faults.list();
  });
  app.delete('/faults', async () => {
    await faults.clear();
    return faults.list();
  });
}
