import { percent } from '#lab/play/page/moment/sentence.ts';
import { button, byId, element } from '#lab/play/page/picture/elements.ts';

const guesses = [100, 60, 16, 0] as const;
const laterMs = 8000;

interface Game {
  /** Returns when the last cause ends; undefined without one. */
  causeEndMs(): number | undefined;
  endMs(): number;
  /** Returns the share that A completes in time at the moment. */
  goodput(): number | undefined;
  go(atMs: number, isPlaying: boolean): void;
}

/** Card that asks how many requests A completes some seconds after the cause, and then plays on to the answer. */
export class Guess {
  readonly #card = byId('guess');
  readonly #game: Game;
  #chosen = 0;
  #revealAtMs = Infinity;

  constructor(game: Game) {
    this.#game = game;
  }

  /** Opens the card at the end of the cause, or closes it. */
  toggle(): void {
    const fromMs = this.#game.causeEndMs();
    this.#revealAtMs = Infinity;
    this.#card.hidden = !this.#card.hidden || fromMs === undefined;
    if (this.#card.hidden || fromMs === undefined) return;
    const untilMs = Math.min(fromMs + laterMs, this.#game.endMs());
    const later = `${Math.round((untilMs - fromMs) / 1000)} s`;
    const choose = (guess: number) => {
      [this.#chosen, this.#revealAtMs] = [guess, untilMs];
      this.#show(`You say ${guess} %. Watch the next ${later}.`);
      this.#game.go(fromMs, true);
    };
    const buttons = guesses.map((guess) => button(`${guess} %`, () => choose(guess)));
    this.#game.go(fromMs, false);
    this.#show(`The cause is over. How many requests does A complete in time ${later} later?`, ...buttons);
    buttons[0]?.focus();
  }

  /** Shows the answer when its time has come. */
  reveal(atMs: number): void {
    if (atMs < this.#revealAtMs) return;
    this.#revealAtMs = Infinity;
    this.#game.go(atMs, false);
    const close = button('Close', () => this.toggle());
    this.#show(`A completes ${percent(this.#game.goodput())}. You said ${this.#chosen} %.`, close);
  }

  #show(text: string, ...buttons: HTMLElement[]): void {
    this.#card.replaceChildren(element('p', {}, text), ...buttons);
  }
}
