/**
 * A signal that aborts on the first SIGINT, SIGTERM or SIGHUP, so that a run can mend and stop what it has started.
 * A second one ends the process at once; the guardian then removes what is left.
 */
export function interruptSignal(exitCode: number): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCode);
      controller.abort(new Error(`interrupted by ${name}`));
    });
  }
  return controller.signal;
}
