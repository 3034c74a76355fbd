import { percent } from '#lab/play/page/moment/sentence.ts';
import { openMenu } from './menus.ts';

const guesses = [100, 60, 16, 0] as const;
const laterMs = 8000;

interface Game {
  /** Returns when the last cause ends; undefined without one. */
  causeEndMs(): number | undefined;
  endMs(): number;
  goodput(): number | undefined;
  go(atMs: number, isPlaying: boolean): void;
  tell(text: string): void;
}

/** Returns a card that asks how many requests A completes some seconds after the cause, and plays on to the answer. */
export function guessing({ causeEndMs, endMs, goodput, go, tell }: Game) {
  let [chosen, revealAtMs] = [0, Infinity];
  return {
    ask(): void {
      const fromMs = causeEndMs();
      if (fromMs === undefined) return;
      const untilMs = Math.min(fromMs + laterMs, endMs());
      const later = `${Math.round((untilMs - fromMs) / 1000)} s`;
      const choose = (guess: number) => {
        [chosen, revealAtMs] = [guess, untilMs];
        tell(`You say ${guess} %. Watch the next ${later}.`);
        go(fromMs, true);
      };
      go(fromMs, false);
      const choices = guesses.map((guess) => [`${guess} %`, () => choose(guess)] as const);
      openMenu(`The cause is over. How many requests does A complete in time ${later} later?`, [], choices);
    },
    reveal(atMs: number): void {
      if (atMs < revealAtMs) return;
      revealAtMs = Infinity;
      go(atMs, false);
      tell(`A completes ${percent(goodput())}. You said ${chosen} %.`);
    },
  };
}
