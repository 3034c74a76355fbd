import { percent } from '#lab/play/page/moment/sentence.ts';
import { openMenu } from './menus.ts';

const guesses = [100, 60, 16, 0] as const;
const laterMs = 8000;

interface Game {
  /** Returns when the last cause ends; undefined without one. */
  causeEndMs(): number | undefined;
  endMs(): number;
  /** Returns the share that A completes in time at the moment. */
  goodput(): number | undefined;
  go(atMs: number, isPlaying: boolean): void;
  tell(text: string): void;
}

/** Card that asks how many requests A completes some seconds after the cause. Then it plays on to the answer. */
export class Guess {
  readonly #game: Game;
  #chosen = 0;
  #revealAtMs = Infinity;

  constructor(game: Game) {
    this.#game = game;
  }

  /** Opens the card at the end of the cause. */
  ask(): void {
    const fromMs = this.#game.causeEndMs();
    if (fromMs === undefined) return;
    const untilMs = Math.min(fromMs + laterMs, this.#game.endMs());
    const later = `${Math.round((untilMs - fromMs) / 1000)} s`;
    const choose = (guess: number) => {
      [this.#chosen, this.#revealAtMs] = [guess, untilMs];
      this.#game.tell(`You say ${guess} %. Watch the next ${later}.`);
      this.#game.go(fromMs, true);
    };
    this.#game.go(fromMs, false);
    const choices = guesses.map((guess) => [`${guess} %`, () => choose(guess)] as const);
    openMenu(`The cause is over. How many requests does A complete in time ${later} later?`, [], choices);
  }

  /** Tells the answer when its time has come. */
  reveal(atMs: number): void {
    if (atMs < this.#revealAtMs) return;
    this.#revealAtMs = Infinity;
    this.#game.go(atMs, false);
    this.#game.tell(`A completes ${percent(this.#game.goodput())}. You said ${this.#chosen} %.`);
  }
}
