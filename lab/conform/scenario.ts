import { ClientError } from '#lab/world/client-error.ts';
import type { Module } from '#policies/client.ts';
import { type Bench, NotMeasured } from './bench.ts';
import type { Answer, Question } from './examine.ts';
import { none, unknown } from './facts/fact.ts';
import { facts } from './facts.ts';
import { discoveries, type Profile, profileOf } from './probes.ts';

/** Finds out what is asked about a fresh client. Rejects with ClientError. */
export async function answer(bench: Bench, module: Module, asked: Question, url: string): Promise<Answer> {
  const { discovery, fact, known = {} } = asked;
  await bench.open(module, url, (fact && facts[fact.name].instances) ?? 1).catch((error: Error) => {
    throw new ClientError(`the client can't be opened: ${error.message}`, error);
  });
  const profile = profileOf(known);
  let found: Partial<Profile> = {};
  let observed = none('');
  try {
    if (!bench.isVirtual) {
      // The first call loads code and opens a connection.
      await bench.ended([bench.call()], 5000);
      bench.forget();
    }
    if (discovery) found = await discoveries[discovery](bench, profile);
    if (fact) observed = await facts[fact.name].scenarios[fact.scenario]!(bench, profile);
    // A thread that is held up makes calls of a healthy dependency time out.
    if (known.timeoutMs) bench.prompt(known.timeoutMs);
  } catch (error) {
    if (!(error instanceof NotMeasured)) throw error;
    observed = unknown(error.message);
  }
  const failed = bench.calls.find(({ isOk }) => isOk === false);
  const error = failed && String(bench.errors.get(failed));
  return { attempts: bench.attempts.length, found, ...observed, sequence: bench.sequence(), error };
}
