import { faultClicks } from '#lab/play/fault-clicks.ts';
import { type Player, speeds } from '#lab/play/page/moment/player.ts';
import { button, byId, element, setText } from '#lab/play/page/picture/elements.ts';
import type { Click, FaultClick } from '#lab/play/setting.ts';

/** Actions of the page that the bar calls. */
export interface Asked {
  play(): void;
  step(by: number): void;
  speed(factor: number): void;
  /** Adds a click at the cursor. */
  click(click: Unplaced): void;
}

/** Click without its time. */
export type Unplaced =
  | { readonly kind: 'load'; readonly perSecond: number }
  | { readonly kind: 'spike'; readonly forMs: number; readonly factor: number }
  | { readonly kind: FaultClick; readonly forMs: number };

interface Fault {
  readonly label: string;
  readonly click: Unplaced;
}

/** Faults by their keys 1 to 5. */
export const faults: readonly Fault[] = [
  { label: '⚡ Load ×3', click: { kind: 'spike', forMs: 3000, factor: 3 } },
  ...(Object.keys(faultClicks) as FaultClick[]).map((kind) => {
    const { label, forMs } = faultClicks[kind];
    return { label, click: { kind, forMs } };
  }),
];

/** Controls below the panels. */
export class Bar {
  readonly #load = byId<HTMLInputElement>('load');

  constructor(asked: Asked) {
    byId('play').addEventListener('click', () => asked.play());
    byId('step').addEventListener('click', () => asked.step(1));
    const speed = byId<HTMLSelectElement>('speed');
    speed.append(...speeds.map((each) => element('option', { value: String(each) }, nameOf(each))));
    speed.addEventListener('change', () => asked.speed(Number(speed.value)));
    this.#load.addEventListener('input', () => setText(byId('load-now'), `${this.#load.value}/s`));
    this.#load.addEventListener('change', () =>
      asked.click({ kind: 'load', perSecond: this.#load.valueAsNumber }),
    );
    byId('faults').append(
      ...faults.map(({ label, click }, index) => {
        const looks = { class: index === 0 ? 'primary' : undefined, title: `Key ${index + 1}` };
        return button(label, () => asked.click(click), looks);
      }),
    );
  }

  /** Hides what a setting doesn't have, and sets the scale of the load with the mark above which a spike sticks. */
  fit(ratePerSecond: number | undefined, sticksAbove: number | undefined): void {
    const label = this.#load.closest('label')!;
    label.hidden = ratePerSecond === undefined;
    byId('faults').firstElementChild!.toggleAttribute('hidden', ratePerSecond === undefined);
    if (ratePerSecond === undefined) return;
    const max = Math.ceil((ratePerSecond * 2) / 10) * 10;
    Object.assign(this.#load, { min: '5', max: String(max), step: '1' });
    const mark = byId('load-mark');
    mark.hidden = sticksAbove === undefined || sticksAbove > max;
    if (sticksAbove === undefined) return;
    mark.style.setProperty('--at', String((sticksAbove - 5) / (max - 5)));
    setText(mark, `above ${Math.round(sticksAbove)}/s a spike sticks in A`);
  }

  /** Shows the state of the player, and the load at the cursor. */
  show({ isPlaying, speed }: Player, isAtEnd: boolean, offeredPerSecond: number): void {
    const play = byId('play');
    setText(play, isPlaying ? '❚❚' : isAtEnd ? '↻' : '▶');
    const label = isPlaying ? 'Pause' : isAtEnd ? 'Play again' : 'Play';
    if (play.getAttribute('aria-label') !== label) play.setAttribute('aria-label', label);
    byId<HTMLSelectElement>('speed').value = String(speed);
    if (document.activeElement === this.#load) return;
    const load = String(Math.round(offeredPerSecond));
    if (this.#load.value !== load) this.#load.value = load;
    setText(byId('load-now'), `${load}/s`);
  }
}

const nameOf = (speed: number): string => `×${speed === 0.25 ? '¼' : speed === 0.5 ? '½' : speed}`;

/** Returns the click at a time of the timeline. */
export const placed = (click: Unplaced, atMs: number): Click => ({ ...click, atMs: Math.round(atMs) });
