import { Agent, request } from 'undici';
import { until } from './until.ts';

/** Outcomes of the requests of all callers, by id. */
export interface Calls {
  /** Status of each complete answer, by request id. */
  readonly answered: Map<string, number>;
  /** Requests whose connection was refused. */
  readonly refused: string[];
  /** Requests whose connection ended before the answer. */
  readonly broken: string[];
  /** Resolves when `count` requests are answered. */
  reached(count: number): Promise<unknown>;
  /** Resolves when every caller has stopped. A caller stops when its connection is refused. */
  readonly over: Promise<unknown>;
}

/**
 * Starts callers, each of which sends one request after the other. Half of them keep a connection open; the others use
 * a new one per request.
 */
export function callers(url: string, count: number): Calls {
  const answered = new Map<string, number>();
  const refused: string[] = [];
  const broken: string[] = [];
  const agents = [1, 0].map((pipelining) => new Agent({ pipelining, keepAliveTimeout: 60_000 }));
  let sent = 0;
  const call = async (_: unknown, caller: number) => {
    while (refused.length < count) {
      const id = `r${sent++}`;
      const headers = { 'content-type': 'application/json' };
      try {
        const answer = await request(url, {
          dispatcher: agents[caller % 2]!,
          method: 'POST',
          headers,
          body: JSON.stringify({ id }),
        });
        await answer.body.text();
        answered.set(id, answer.statusCode);
      } catch (error) {
        const isRefused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
        (isRefused ? refused : broken).push(id);
        if (isRefused) return;
      }
    }
  };
  const over = (async () => {
    await Promise.all(Array.from({ length: count }, call));
    await Promise.all(agents.map((agent) => agent.destroy()));
  })();
  return {
    answered,
    refused,
    broken,
    reached: (target) => until(() => answered.size >= target, `${target} requests are answered`),
    over,
  };
}
