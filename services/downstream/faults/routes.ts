import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { InvalidError, strict } from '#kit/schema.ts';
import { FaultOptions } from './config.ts';
import type { Faults } from './faults.ts';

const activeMax = 20;
const Params = strict({ name: Type.String({ minLength: 1, maxLength: 40 }) });
const Body = strict({
  leaseMs: Type.Number({
    exclusiveMinimum: 0,
    maximum: 86_400_000,
    description: 'Then it ends by itself, if nobody ends it before.',
  }),
  fault: FaultOptions,
});

/** Begins and ends faults by name; each answer is what is in force then. */
export function faultRoutes(app: FastifyInstance, faults: Faults): void {
  app.get('/faults', () => faults.list());

  app.put('/faults/:name', { schema: { params: Params, body: Body } }, (request) => {
    const { name } = request.params as { name: string };
    const { leaseMs, fault } = request.body as Static<typeof Body>;
    if (faults.list().filter((each) => each.name !== name).length >= activeMax) {
      throw new InvalidError([{ pointer: '', message: `expected at most ${activeMax} faults at once` }]);
    }
    faults.begin(name, fault, leaseMs);
    return faults.list();
  });

  app.delete('/faults/:name', { schema: { params: Params } }, (request) => {
    faults.end((request.params as { name: string }).name);
    return faults.list();
  });

  app.delete('/faults', () => {
    faults.clear();
    return faults.list();
  });
}
