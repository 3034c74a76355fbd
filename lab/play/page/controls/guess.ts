import { percent } from '#lab/play/page/moment/sentence.ts';
import { button, element } from '#lab/play/page/picture/elements.ts';

const guesses = [100, 60, 16, 0] as const;
const laterMs = 8000;

interface Game {
  /** Returns when the last cause ends; undefined without one. */
  causeEndMs(): number | undefined;
  durationMs(): number;
  /** Share that A completes in time at the moment. */
  goodput(): number | undefined;
  seek(atMs: number): void;
  play(isPlaying: boolean): void;
}

/** Card that asks how many requests A completes some seconds after the cause, and then plays on to the answer. */
export class Guess {
  readonly card = element('section', { class: 'guess', 'aria-live': 'polite', hidden: true });
  readonly #game: Game;
  #chosen: number | undefined;
  #revealAtMs = Infinity;

  constructor(game: Game) {
    this.#game = game;
  }

  /** Opens the card at the end of the cause, or closes it. */
  toggle(): void {
    const endMs = this.#game.causeEndMs();
    this.#revealAtMs = Infinity;
    if (!this.card.hidden || endMs === undefined) {
      this.card.hidden = true;
      return;
    }
    const atMs = Math.min(endMs + laterMs, this.#game.durationMs());
    const later = `${Math.round((atMs - endMs) / 1000)} s`;
    const buttons = guesses.map((guess) => button(`${guess} %`, () => this.#choose(guess, atMs, later)));
    this.#game.play(false);
    this.#game.seek(endMs);
    this.#show(`The cause is over. How many requests does A complete in time ${later} later?`, ...buttons);
    buttons[0]?.focus();
  }

  #choose(guess: number, atMs: number, later: string): void {
    this.#chosen = guess;
    this.#revealAtMs = atMs;
    this.#show(`You say ${guess} %. Watch the next ${later}.`);
    this.#game.play(true);
  }

  /** Shows the answer when its time has come. */
  reveal(atMs: number): void {
    if (atMs < this.#revealAtMs) return;
    this.#revealAtMs = Infinity;
    this.#game.play(false);
    const answer = percent(this.#game.goodput());
    this.#show(
      `A completes ${answer}. You said ${this.#chosen} %.`,
      button('Close', () => this.toggle()),
    );
  }

  #show(text: string, ...buttons: HTMLElement[]): void {
    this.card.hidden = false;
    this.card.replaceChildren(element('p', {}, text), ...buttons);
  }
}
