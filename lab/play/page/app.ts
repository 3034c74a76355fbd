import { variantAt } from '#lab/experiment/changes.ts';
import { type Played, playedExperiment } from '#lab/play/experiment.ts';
import { baseRate } from '#lab/play/load.ts';
import { sceneOf } from '#lab/play/scene.ts';
import {
  type Click,
  type Playable,
  plainSetting,
  type Setting,
  type Side,
  sides,
} from '#lab/play/setting.ts';
import type { Told } from '#lab/play/worker.ts';
import { Bar, faults, type Unplaced } from './controls/bar.ts';
import { fillChips, type SetOption } from './controls/chips.ts';
import { Guess } from './controls/guess.ts';
import { addActions, openMenu } from './controls/menus.ts';
import { Why } from './controls/why.ts';
import { advance, type Player, seek, speedFor, stepMs } from './moment/player.ts';
import { type Reading, readAt } from './moment/readings.ts';
import { sentenceOf } from './moment/sentence.ts';
import { Timeline } from './moment/timeline.ts';
import { Panels } from './panels.ts';
import { byId, element, setText } from './picture/elements.ts';
import { forgetColours } from './picture/pen.ts';
import type { Marks } from './picture/strip.ts';

const sayEveryMs = 3000;
const reducedEveryMs = 500;

/** The page: what is set, where the cursor is, and what is drawn. */
export class App {
  setting: Setting;
  played: Played;
  readonly #changed: (setting: Setting) => void;
  readonly #timeline = new Timeline();
  readonly #panels = new Panels();
  readonly #bar = new Bar(
    (speed) => this.#move({ ...this.#player, speed }),
    (perSecond) => this.#click({ kind: 'load', perSecond }),
  );
  readonly #guess: Guess;
  readonly #why = new Why();
  readonly #calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  #player: Player = { atMs: 0, speed: 2, isPlaying: true };
  /** True if the picture shows an older moment or setting. */
  #isDirty = true;
  /** Times of the last turn, picture and spoken sentence. */
  readonly #last = { tickMs: 0, drawMs: 0, sayMs: 0 };

  /** `changed` is called with each new setting. */
  constructor(playables: readonly Playable[], changed: (setting: Setting) => void) {
    this.#changed = changed;
    this.setting = plainSetting(playables[0]!);
    this.played = playedExperiment(this.setting);
    this.#guess = new Guess({
      causeEndMs: () => this.#timeline.scene?.causes.at(-1)?.toMs,
      endMs: () => this.#endMs,
      goodput: () => this.#readings()[0]?.goodput,
      go: (atMs, isPlaying) => this.#go(atMs, isPlaying),
      tell: (text) => this.#tell(text),
    });
    this.#listen();
    requestAnimationFrame((nowMs) => this.#tick(nowMs));
  }

  get atMs(): number {
    return this.#player.atMs;
  }

  get #endMs(): number {
    return this.#timeline.scene?.endMs ?? 0;
  }

  /** Time at which the page stops: where a preset rests, unless the cursor is later or something is changed. */
  get #stopMs(): number {
    const { playable, clicks, changes } = this.setting;
    const { restMs = this.#endMs } = playable;
    return clicks.length + changes.length > 0 || this.atMs >= restMs ? this.#endMs : restMs;
  }

  /** Figures at the cursor, or at the last time whose frames have arrived. */
  #readings(): Reading[] {
    const atMs = Math.min(this.atMs, this.#timeline.arrivedMs);
    const readings = this.#timeline.frames.map((frames) => readAt(frames, atMs));
    return readings.every((reading) => reading !== undefined) ? readings : [];
  }

  /** Shows what an address says: at its time, or else from the start. */
  open(setting: Setting, atMs: number | undefined, notes: readonly string[]): void {
    const { endMs } = this.#change(setting, atMs ?? 0, notes, true);
    const { restMs = endMs } = setting.playable;
    this.#player = { ...this.#player, speed: speedFor(restMs), isPlaying: atMs === undefined };
  }

  /** Shows another setting, and goes on at the cursor. */
  #change(setting: Setting, atMs = this.atMs, notes: readonly string[] = [], isOther = false) {
    this.setting = setting;
    this.played = playedExperiment(setting);
    const { experiment, value, names } = this.played;
    const scene = sceneOf(this.played);
    this.#player = { ...seek(this.#player, atMs, scene.endMs), isPlaying: true };
    this.#timeline.begin(scene, this.atMs, isOther);
    this.#tell([...notes, ...this.played.notes].join('\n'));
    setText(byId('question'), experiment.title);
    document.title = `${experiment.title} · Spillway`;
    const variantOf = (name: string) => variantAt(value.variants[name]!, this.atMs);
    for (const [index, side] of sides.entries()) {
      const base = side === 'B' ? variantOf(names.A) : undefined;
      const set: SetOption = (path, to) => this.#option(index === 0 ? undefined : side, path, to);
      const panel = this.#panels.each[index]!;
      fillChips(panel.chips, variantOf(names[side]), base, set);
      panel.slider.max = String(scene.endMs);
    }
    this.#why.explain(this.played);
    this.#bar.fit(experiment.load, scene.variants[0]?.sticksAbove);
    this.#changed(setting);
    return scene;
  }

  /** A change in A is one of both, since B inherits its settings. */
  #option(side: Side | undefined, path: string, value: number | string | boolean): void {
    const atMs = Math.round(this.atMs);
    const others = this.setting.changes.filter(
      (each) => each.path !== path || each.atMs !== atMs || (side && each.side !== side),
    );
    this.#change({ ...this.setting, changes: [...others, { side, path, value, atMs }] });
  }

  /** Takes what a worker tells of a variant. */
  hear(told: Told, variant: number): void {
    if (told.tell === 'frames') this.#timeline.add(variant, told.frames, told.strip);
    if (told.tell === 'problem') this.#tell(`This setting can't be simulated: ${told.text}`);
    this.#isDirty = true;
  }

  /** Shows a note or problem above the panels; none for an empty text. */
  #tell(text: string): void {
    const notice = byId('notice');
    notice.hidden = text === '';
    setText(notice, text);
  }

  #play(): void {
    const { atMs, isPlaying } = this.#player;
    const isAtEnd = atMs >= this.#endMs && !isPlaying;
    this.#move({ ...this.#player, atMs: isAtEnd ? 0 : atMs, isPlaying: !isPlaying });
  }

  #go(atMs: number, isPlaying = false): void {
    this.#move({ ...seek(this.#player, atMs, this.#endMs), isPlaying });
  }

  #click(click: Unplaced): void {
    const placed: Click = { ...click, atMs: Math.round(this.atMs) };
    this.#change({ ...this.setting, clicks: [...this.setting.clicks, placed] });
  }

  #showLetters(reasons: Readonly<Record<string, number>> = {}): void {
    const lines = Object.entries(reasons).map(([reason, count]) => element('p', {}, `${count} × ${reason}`));
    const redrive = () => this.#click({ kind: 'redrive' });
    openMenu('Dead letters', lines, [['Redrive: send them to the stream again', redrive]]);
  }

  #move(player: Player): void {
    this.#player = player;
    this.#isDirty = true;
  }

  #listen(): void {
    const redraw = () => (this.#isDirty = true);
    const sizes = new ResizeObserver(redraw);
    for (const id of ['panels', 'why']) sizes.observe(byId(id));
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      forgetColours();
      redraw();
    });
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#move({ ...this.#player, isPlaying: false });
    });
    for (const [index, { slider, letters }] of this.#panels.each.entries()) {
      slider.addEventListener('input', () => this.#go(slider.valueAsNumber));
      letters.addEventListener('click', () => this.#showLetters(this.#readings()[index]?.frame.deadReasons));
    }
    const projector = () => document.documentElement.classList.toggle('projector');
    const reset = () => this.#change(plainSetting(this.setting.playable), 0);
    const step = (by: number) => this.#go(this.atMs + by * stepMs);
    addActions([
      { key: ' ', name: 'Space', does: 'play or pause', button: 'play', act: () => this.#play() },
      { key: 'arrowleft', name: '←', does: 'step back by 50 ms', act: () => step(-1) },
      { key: 'arrowright', name: '→', does: 'step by 50 ms', button: 'step', act: () => step(1) },
      ...faults.map(({ label, click }, index) => {
        const name = `${index + 1}`;
        return { key: name, name, does: label, button: 'faults', act: () => this.#click(click) };
      }),
      { key: 'r', name: 'R', does: 'reset to the preset', act: reset },
      { key: 'g', name: 'G', does: 'guess before you see', act: () => this.#guess.ask() },
      { key: 'p', name: 'P', does: 'projector', act: projector },
      { key: 'w', name: 'W', does: 'why', button: 'why-button', act: () => this.#why.toggle() },
      { key: '?', name: '?', does: 'this help', act: () => byId('help').togglePopover() },
    ]);
  }

  #tick(nowMs: number): void {
    requestAnimationFrame((next) => this.#tick(next));
    const before = this.#player;
    const elapsedMs = nowMs - this.#last.tickMs;
    this.#last.tickMs = nowMs;
    this.#player = advance(before, elapsedMs, this.#timeline.arrivedMs, this.#stopMs);
    if (this.atMs !== before.atMs) this.#guess.reveal(this.atMs);
    if (this.atMs !== before.atMs || this.#player.isPlaying !== before.isPlaying) this.#isDirty = true;
    const isDue = !this.#calm.matches || !this.#player.isPlaying;
    if (this.#isDirty && (isDue || nowMs - this.#last.drawMs >= reducedEveryMs)) this.#draw(nowMs);
  }

  /** Returns what the strips mark, besides the causes: changes of load and options, and redrives. */
  #marks(): Marks {
    const { clicks, changes } = this.setting;
    const marks = [...clicks, ...changes].map((each) => {
      const { atMs } = each;
      if ('path' in each)
        return { atMs, text: atMs > 0 ? `${each.path.split('.').at(-1)} ${each.value}` : '' };
      if (each.kind === 'load') return { atMs, text: `${each.perSecond}/s` };
      return { atMs, text: each.kind === 'redrive' ? 'redrive' : '' };
    });
    return marks.filter(({ text }) => text !== '');
  }

  #draw(nowMs: number): void {
    const readings = this.#readings();
    const { scene, strips } = this.#timeline;
    if (!scene || readings.length === 0) return;
    this.#isDirty = false;
    this.#last.drawMs = nowMs;
    this.#panels.draw(this.#timeline, readings, this.#marks(), !this.#calm.matches);
    this.#why.draw(readings, readings[0]!.frame.offeredPerSecond);
    const { atMs } = readings[0]!;
    const loads = this.setting.clicks.filter((click) => click.kind === 'load');
    const set = loads.findLast((click) => click.atMs <= atMs)?.perSecond;
    this.#bar.show(this.#player, atMs >= this.#endMs, set ?? baseRate(this.played.experiment.load));
    const parts = sentenceOf(scene, readings, atMs, strips);
    const text = parts.map((part) => part.text).join('');
    const shown = byId('sentence');
    if (shown.textContent !== text)
      shown.replaceChildren(
        ...parts.map(({ text, tone }) => (tone ? element('b', { class: tone }, text) : text)),
      );
    if (nowMs - this.#last.sayMs < sayEveryMs) return;
    this.#last.sayMs = nowMs;
    setText(byId('live'), text);
  }
}
