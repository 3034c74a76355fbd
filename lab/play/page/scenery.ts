import type { Scene } from '#lab/play/frame.ts';
import { binsOf, type Reading } from './moment/readings.ts';
import { endOf, type Timeline } from './moment/timeline.ts';
import { Panel } from './panel.ts';
import { type Colours, readColours } from './picture/canvas.ts';
import { byId } from './picture/elements.ts';
import { pitchFor, worthOf } from './picture/pile.ts';
import { binMsOf, type DrawnStrip } from './picture/strip.ts';

const glideMs = 300;
const isNarrow = () => window.innerWidth <= 760;
/** Fewer dots than this don't fill the picture: at the start the line is well above the floor. */
const dotsMin = 90;

/** Both panels with what they share: zoom, colours and the scale of their strips. */
export class Scenery {
  readonly panels = [new Panel(0), new Panel(1)] as const;
  colours: Colours = readColours();
  /** Changes of the load, which the strips mark. */
  marks: DrawnStrip['marks'] = [];
  #zoom = { pitch: 20, before: 20, changedMs: -glideMs };

  constructor() {
    byId('panels').replaceChildren(...this.panels.map(({ root }) => root));
  }

  /** Takes the colours again, after a change of the scheme. */
  recolour(): void {
    this.colours = readColours();
  }

  clear(): void {
    for (const panel of this.panels) panel.clear();
  }

  /** Draws a moment. Returns true while the dots glide to another zoom. */
  draw(
    nowMs: number,
    timeline: Timeline,
    readings: readonly Reading[],
    moved: { readonly elapsedMs: number; readonly hasMotion: boolean },
  ): boolean {
    const scene = timeline.scene!;
    const worth = worthOf(
      readings.map(({ inFlight, frame }) => Math.max(inFlight, frame.queue?.waiting ?? 0)),
      isNarrow() ? 600 : 4000,
    );
    const share = this.#glide(nowMs, scene, readings, worth, moved.hasMotion);
    const zoom = { ...this.#zoom, moved: share, worth };
    const { atMs } = readings[0]!.frame;
    const endMs = endOf(scene);
    const binMs = binMsOf(endMs);
    const bins = timeline.strips.map((strip) => binsOf(strip, binMs));
    const most = Math.max(...bins.flat().map(({ offered }) => offered));
    const usualPerSecond = timeline.frames[0]![0]!.offeredPerSecond || 1;
    const moment = { scene, zoom, usualPerSecond, colours: this.colours, ...moved };
    for (const [index, panel] of this.panels.entries()) {
      const shown = bins[index]!.filter(({ fromMs }) => fromMs < atMs);
      panel.draw(moment, readings[index]!, {
        scene,
        bins: shown,
        most,
        atMs,
        endMs,
        binMs,
        marks: this.marks,
      });
    }
    return share < 1;
  }

  #glide(
    nowMs: number,
    scene: Scene,
    readings: readonly Reading[],
    worth: number,
    hasMotion: boolean,
  ): number {
    const areas = this.panels.flatMap((panel, index) =>
      panel
        .areas(scene, readings[index]!)
        .map((area) => ({ ...area, count: Math.max(area.count / worth, dotsMin) })),
    );
    const { pitch } = this.#zoom;
    const next = pitchFor(areas, pitch);
    // After a jump in time the dots are at their places at once.
    const isJump = next / pitch < 0.6 || next / pitch > 1.7;
    if (next !== pitch) this.#zoom = { pitch: next, before: pitch, changedMs: isJump ? -glideMs : nowMs };
    return hasMotion ? Math.min(1, (nowMs - this.#zoom.changedMs) / glideMs) : 1;
  }
}
