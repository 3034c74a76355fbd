import type { FastifyInstance } from 'fastify';
import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { InvalidError } from '#kit/schema/problems.ts';
import { strict } from '#kit/schema/schema.ts';

/** What a service does wrong when it is told to, each until its lease is over. */
export interface LeasedFaults<W> {
  /** Those in force. */
  list(): readonly { readonly name: string }[];
  /** Begins a fault, in place of one of the same name. Throws InvalidError. */
  begin(name: string, what: W, leaseMs: number): void | Promise<void>;
  /** Ends a fault, where there is one. */
  end(name: string): void | Promise<void>;
}

const activeMax = 100;
const Params = strict({ name: Type.String({ minLength: 1, maxLength: 40 }) });
const leaseMs = Type.Number({
  exclusiveMinimum: 0,
  maximum: 86_400_000,
  description: 'Then it ends by itself, if nobody ends it before.',
});

/** Begins and ends faults by name; `fields` say what a fault is. Each answer is what is in force then. */
export function faultRoutes<P extends Record<string, TSchema>>(
  app: FastifyInstance,
  fields: P,
  faults: LeasedFaults<Static<TObject<P>>>,
): void {
  app.get('/faults', () => faults.list());

  const body = strict({ leaseMs, ...fields });
  app.put('/faults/:name', { schema: { params: Params, body } }, async (request) => {
    const { name } = request.params as { name: string };
    const { leaseMs, ...what } = request.body as { leaseMs: number } & Static<TObject<P>>;
    if (faults.list().filter((each) => each.name !== name).length >= activeMax) {
      throw new InvalidError([{ pointer: '', message: `expected at most ${activeMax} faults at once` }]);
    }
    await faults.begin(name, what as Static<TObject<P>>, leaseMs);
    return faults.list();
  });

  app.delete('/faults/:name', { schema: { params: Params } }, async (request) => {
    await faults.end((request.params as { name: string }).name);
    return faults.list();
  });

  app.delete('/faults', async () => {
    const names = faults.list().map(({ name }) => name);
    const ended = await Promise.allSettled(names.map(async (name) => faults.end(name)));
    const failures = ended.flatMap((one, index) =>
      one.status === 'rejected' ? `${names[index]} could not be ended: ${(one.reason as Error).message}` : [],
    );
    if (failures.length > 0) throw new Error(failures.join('; '));
    return faults.list();
  });
}
