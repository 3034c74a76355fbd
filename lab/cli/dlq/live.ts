import { systemClock } from '#kit/clock.ts';
import { clear } from '#lab/cli/progress.ts';

const everyMs = 100;

/** A line of a terminal that changes and is gone in the end; nothing where there is no terminal. */
export function live(output: NodeJS.WriteStream): { show(text: string): void; end(): void } {
  let shownAtMs = Number.NEGATIVE_INFINITY;
  return {
    show(text) {
      if (!output.isTTY || systemClock.now() < shownAtMs + everyMs) return;
      shownAtMs = systemClock.now();
      clear(output);
      output.write(text);
    },
    end() {
      if (output.isTTY) clear(output);
    },
  };
}
