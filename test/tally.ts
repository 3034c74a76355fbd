import type { TestModule } from 'vitest/node';

type Module = Pick<TestModule, 'ok'> & {
  readonly children: { allTests(): Iterable<{ result(): { readonly state: string } }> };
};

/** Counts tests. A file that fails outside its tests, and an error outside all files, count as a failed test each. */
export function tally(modules: readonly Module[], unhandled: number): string {
  let [passed, failed, skipped] = [0, unhandled, 0];
  for (const module of modules) {
    const states = Array.from(module.children.allTests(), (test) => test.result().state);
    const failures = states.filter((state) => state === 'failed').length;
    passed += states.filter((state) => state === 'passed').length;
    skipped += states.filter((state) => state === 'skipped').length;
    failed += module.ok() ? failures : Math.max(1, failures);
  }
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
