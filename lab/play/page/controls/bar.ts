import { baseRate } from '#lab/play/load.ts';
import { type Player, speeds } from '#lab/play/page/moment/player.ts';
import { byId, element, set, setText } from '#lab/play/page/picture/elements.ts';
import type { Phase } from '#load/phases.ts';

const loadMin = 5;
const load = byId<HTMLInputElement>('load');
const mark = byId('load-mark');
const speed = byId<HTMLSelectElement>('speed');
const showLoad = (perSecond: number) => setText(byId('load-now'), `${Math.round(perSecond)}/s`);

/** Fills the choice of speeds, and listens to it and to the load. */
export function startBar(
  changeSpeed: (speed: number) => void,
  changeLoad: (perSecond: number) => void,
): void {
  speed.append(...speeds.map((each) => element('option', { value: `${each}` }, `${each}×`)));
  speed.addEventListener('change', () => changeSpeed(Number(speed.value)));
  load.addEventListener('input', () => showLoad(load.valueAsNumber));
  load.addEventListener('change', () => changeLoad(load.valueAsNumber));
}

/** Sets the scale of the load with the mark above which a spike sticks; or says why it has no control. */
export function fitBar(phases: readonly Phase[], sticksAbove = Infinity): void {
  const ratePerSecond = baseRate(phases);
  for (const part of [load, mark, byId('faults').firstElementChild!])
    part.toggleAttribute('hidden', ratePerSecond === undefined);
  if (ratePerSecond === undefined) {
    const { arrivals } = phases.find((phase) => !('ratePerSecond' in phase.arrivals))!;
    setText(byId('load-now'), `fixed, as its arrivals are ${arrivals.kind}`);
    return;
  }
  const max = Math.ceil((ratePerSecond * 2) / 10) * 10;
  Object.assign(load, { min: String(loadMin), max: String(max) });
  mark.hidden = sticksAbove > max;
  mark.style.setProperty('--at', String((sticksAbove - loadMin) / (max - loadMin)));
  setText(mark, `above ${Math.round(sticksAbove)}/s a spike sticks in A`);
}

/** Shows the state of the player, and the load as it is set at the cursor. */
export function showBar(player: Player, isAtEnd: boolean, perSecond: number | undefined): void {
  const [sign, name] = player.isPlaying ? ['❚❚', 'Pause'] : isAtEnd ? ['↻', 'Play again'] : ['▶', 'Play'];
  setText(byId('play'), sign!);
  set(byId('play'), 'ariaLabel', name!);
  set(speed, 'value', String(player.speed));
  if (perSecond === undefined || document.activeElement === load) return;
  set(load, 'value', String(Math.round(perSecond)));
  showLoad(perSecond);
}
