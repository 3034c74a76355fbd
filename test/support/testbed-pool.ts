import type { Result } from '#lab/judge/result/result.ts';
import type { Testbed } from '#lab/world/testbed.ts';

/** Pool of testbeds without active faults, ready for another run. */
export class TestbedPool {
  readonly #start: () => Promise<Testbed>;
  readonly #cleared: Testbed[] = [];

  constructor(start: () => Promise<Testbed>) {
    this.#start = start;
  }

  /** Calls `runOn` with a testbed, new or used by other runs before. Stops the testbed if it can't be used again. */
  async run(
    runOn: (testbed: Testbed) => Promise<Result>,
    isReusable = ({ errors }: Result): boolean => errors.length === 0,
  ): Promise<Result> {
    const testbed = this.#cleared.pop() ?? (await this.#start());
    const result = await runOn(unstoppable(testbed));
    if (isReusable(result)) this.#cleared.push(testbed);
    else await testbed.stop();
    return result;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#cleared.splice(0).map((testbed) => testbed.stop()));
  }
}

/** Returns the testbed with a `stop` that does nothing, since a run calls `stop` at its end. */
function unstoppable(testbed: Testbed): Testbed {
  return new Proxy(testbed, {
    get(target, name) {
      if (name === 'stop') return async () => undefined;
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
