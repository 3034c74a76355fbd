import { ClientError } from '#lab/world/client-error.ts';
import type { ClientKernel } from '#lab/world/simulated/client/kernel.ts';
import type { Client } from '#policies/declared.d.ts';
import { Bench, TooLong } from './bench.ts';
import type { Answer, Question } from './examine.ts';
import { type Fact, none } from './facts/fact.ts';
import { facts } from './facts.ts';
import { discover, type Profile } from './probes.ts';

/** Returns a bench in the virtual time of a thread. */
export const virtualBench = ({ clock }: ClientKernel, limitMs: number): Bench =>
  new Bench({
    ...{ clock, limitMs, tickMs: 10, isVirtual: true },
    url: 'http://127.0.0.1:9',
    timers: () => clock.pending,
  });

/** Finds out what is asked about a fresh client. Rejects with ClientError. */
export async function answer(bench: Bench, client: Client, asked: Question): Promise<Answer> {
  const { discovery, fact, known } = asked;
  const instances = fact ? ((facts[fact.name] as Fact).instances ?? 1) : 1;
  await bench.open(client, instances).catch((error: Error) => {
    throw new ClientError(`the client can't be opened: ${error.message}`, error);
  });
  try {
    if (!bench.isVirtual) await warmUp(bench);
    const found = discovery ? await discover(discovery, bench, known) : {};
    const scenario = fact && facts[fact.name].scenarios[fact.scenario];
    const observed = scenario ? await scenario(bench, known as Profile) : none('');
    const failed = bench.calls.find(({ isOk }) => isOk === false);
    const error = failed && String(failed.error);
    return { attempts: bench.attempts.length, found, observed, sequence: bench.sequence(), error };
  } catch (error) {
    if (!(error instanceof TooLong)) throw error;
    const observed = { verdict: 'unknown', text: 'takes too long in real time' } as const;
    return { attempts: bench.attempts.length, found: {}, observed, sequence: bench.sequence() };
  }
}

/** Makes calls until one is quick, since the first ones load code and open connections. */
async function warmUp(bench: Bench): Promise<void> {
  for (let i = 0; i < 5; i++) {
    const call = bench.call();
    await bench.ended([call], 3000);
    if (call.endedAtMs! - call.startedAtMs < bench.tickMs / 2) break;
  }
  bench.forget();
}
