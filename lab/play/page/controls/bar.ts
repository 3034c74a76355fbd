import { baseRate, fixedLoad } from '#lab/play/load.ts';
import { type Player, speeds } from '#lab/play/page/moment/player.ts';
import { byId, element, setText } from '#lab/play/page/picture/elements.ts';
import { type Click, type FaultClick, faultClicks } from '#lab/play/setting.ts';
import type { Phase } from '#load/phases.ts';

type Without<T> = T extends Click ? Omit<T, 'atMs'> : never;
/** Click without its time. */
export type Unplaced = Without<Click>;

/** Faults in the order of their buttons and keys. */
export const faults: readonly { readonly label: string; readonly click: Unplaced }[] = [
  { label: '⚡ Load ×3', click: { kind: 'spike', forMs: 3000, factor: 3 } },
  ...Object.entries(faultClicks).map(([kind, { label, forMs }]) => ({
    label,
    click: { kind: kind as FaultClick, forMs },
  })),
];

const loadMin = 5;

/** Speed and load below the panels. */
export class Bar {
  readonly #load = byId<HTMLInputElement>('load');
  readonly #speed = byId<HTMLSelectElement>('speed');

  constructor(changeSpeed: (speed: number) => void, changeLoad: (perSecond: number) => void) {
    const nameOf = (speed: number) => ({ 0.25: '¼', 0.5: '½' })[speed] ?? String(speed);
    const options = speeds.map((each) => element('option', { value: `${each}` }, `${nameOf(each)}×`));
    this.#speed.append(...options);
    this.#speed.addEventListener('change', () => changeSpeed(Number(this.#speed.value)));
    this.#load.addEventListener('input', () => this.#showLoad());
    this.#load.addEventListener('change', () => changeLoad(this.#load.valueAsNumber));
  }

  #showLoad(): void {
    setText(byId('load-now'), `${this.#load.value}/s`);
  }

  /** Sets the scale of the load with the mark above which a spike sticks; or says why it has no control. */
  fit(load: readonly Phase[], sticksAbove = Infinity): void {
    const [ratePerSecond, fixed] = [baseRate(load), fixedLoad(load)];
    for (const part of [this.#load, byId('load-mark'), byId('faults').firstElementChild!])
      part.toggleAttribute('hidden', fixed !== undefined);
    if (fixed !== undefined) setText(byId('load-now'), `fixed, as ${fixed}`);
    if (ratePerSecond === undefined) return;
    const max = Math.ceil((ratePerSecond * 2) / 10) * 10;
    Object.assign(this.#load, { min: String(loadMin), max: String(max) });
    const mark = byId('load-mark');
    mark.hidden = sticksAbove > max;
    mark.style.setProperty('--at', String((sticksAbove - loadMin) / (max - loadMin)));
    setText(mark, `above ${Math.round(sticksAbove)}/s a spike sticks in A`);
  }

  /** Shows the state of the player, and the load as it is set at the cursor. */
  show({ isPlaying, speed }: Player, isAtEnd: boolean, perSecond: number | undefined): void {
    const play = byId('play');
    setText(play, isPlaying ? '❚❚' : isAtEnd ? '↻' : '▶');
    play.ariaLabel = isPlaying ? 'Pause' : isAtEnd ? 'Play again' : 'Play';
    this.#speed.value = String(speed);
    if (perSecond === undefined || document.activeElement === this.#load) return;
    this.#load.value = String(Math.round(perSecond));
    this.#showLoad();
  }
}
