import { variantAt } from '#lab/experiment/changes.ts';
import { type Played, playedExperiment } from '#lab/play/experiment.ts';
import { baseRate } from '#lab/play/load.ts';
import { type SceneVariant, sceneOf, sceneVariant } from '#lab/play/scene.ts';
import {
  type Act,
  type Change,
  plainSetting,
  type Setting,
  sides,
  type Timed,
  usual,
} from '#lab/play/setting.ts';
import type { Report } from '#lab/play/worker.ts';
import { fitBar, showBar, startBar } from './controls/bar.ts';
import { fillChips } from './controls/chips.ts';
import { addActions, openMenu } from './controls/menus.ts';
import { drawWhy, explain, toggleWhy } from './controls/why.ts';
import { advance, type Player, seek, speedFor, stepMs } from './moment/player.ts';
import { type Reading, readAt } from './moment/readings.ts';
import { percent, sentenceOf, toneOf } from './moment/sentence.ts';
import { Timeline } from './moment/timeline.ts';
import { Panels } from './panels.ts';
import { byId, element, setText } from './picture/elements.ts';
import { forgetColours } from './picture/pen.ts';

const sayEveryMs = 3000;
/** Time between two texts of a panel that plays, so that one can read them. */
const writeEveryMs = 100;
const reducedEveryMs = 500;
/** Answers of the guess card, in percent, and time after the cause for which they are. */
const guesses = [100, 60, 16, 0] as const;
const guessAheadMs = 8000;

/** The page: what is set, where the cursor is, and what is drawn. */
export class App {
  setting!: Setting;
  played!: Played;
  readonly #changed: (setting: Setting) => void;
  readonly #timeline = new Timeline();
  readonly #panels = new Panels();
  readonly #calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  /** Share in percent that someone says A completes at a time. */
  #guess: { readonly percent: number; readonly untilMs: number } | undefined;
  #player: Player = { atMs: 0, speed: 2, isPlaying: true };
  /** True if the picture shows an older moment or setting. */
  #isDirty = true;
  /** Experiment whose options are shown, and the number of its changes until then. */
  #fitted: { readonly played?: Played; readonly passed?: number } = {};
  #variants: readonly SceneVariant[] = [];
  /** Times of the last turn, picture and spoken sentence. A page in the background has no first turn for long. */
  readonly #last = { tickMs: Number.NaN, drawMs: 0, writeMs: 0, sayMs: 0 };

  /** `changed` is called with each new setting. The first one is opened next. */
  constructor(changed: (setting: Setting) => void) {
    this.#changed = changed;
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
    const { playable, edits } = this.setting;
    const { restMs = this.#endMs } = playable;
    return edits.length > 0 || this.atMs >= restMs ? this.#endMs : restMs;
  }

  /** Figures at the cursor, or at the last time whose frames have arrived. */
  #readings(): Reading[] {
    const atMs = Math.min(this.atMs, this.#timeline.arrivedMs);
    const readings = this.#timeline.shown.frames.map((frames) => readAt(frames, atMs));
    return readings.every((reading) => reading !== undefined) ? readings : [];
  }

  /** Shows what an address says: at its time, or else from the start. */
  open(setting: Setting, atMs: number | undefined, notes: readonly string[]): void {
    this.#change(setting, atMs ?? 0, notes, true);
    const { restMs = this.#endMs } = setting.playable;
    this.#player = { ...this.#player, speed: speedFor(restMs), isPlaying: atMs === undefined };
  }

  /** Shows another setting, and goes on at the cursor. */
  #change(setting: Setting, atMs = this.atMs, notes: readonly string[] = [], isOther = false): void {
    this.setting = setting;
    this.played = playedExperiment(setting);
    const { experiment } = this.played;
    const scene = sceneOf(experiment);
    this.#player = { ...seek(this.#player, atMs, scene.endMs), isPlaying: true };
    this.#timeline.begin(scene, this.atMs, isOther);
    const late = atMs > scene.endMs ? [`t=${atMs / 1000}: ${scene.endMs / 1000} instead, the end`] : [];
    this.#notify([...notes, ...late, ...this.played.notes].join('\n'));
    setText(byId('question'), experiment.title);
    document.title = `${experiment.title} · Spillway`;
    for (const { slider } of this.#panels.each) slider.max = String(scene.endMs);
    this.#isDirty = true;
    this.#changed(setting);
  }

  /** Shows the options at a time, and what follows from them. Before a change they are others than after it. */
  #fit(atMs: number): void {
    const { experiment, value, names } = this.played;
    const changes = sides.flatMap((side) => experiment.variants[names[side]]!.changes ?? []);
    const passed = changes.filter((change) => change.atMs <= atMs).length;
    if (this.#fitted.played === this.played && this.#fitted.passed === passed) return;
    this.#fitted = { played: this.played, passed };
    this.#variants = sides.map((side) => sceneVariant(experiment, names[side], atMs));
    const [a, b] = sides.map((side) => variantAt(value.variants[names[side]]!, atMs));
    // A change in A is one of both, since B inherits its settings.
    const [left, right] = this.#panels.each;
    fillChips(left!.chips, a!, (path, to) => this.#edit({ side: undefined, path, value: to }));
    fillChips(right!.chips, b!, (path, to) => this.#edit({ side: 'B', path, value: to }), a);
    explain(this.#variants);
    fitBar(experiment.load, this.#variants[0]!.loop?.sticksAbove);
  }

  /** Changes an option or injects a fault at the cursor. A change of an option replaces an earlier one there. */
  #edit(what: Omit<Change, 'atMs'> | Act): void {
    const atMs = Math.floor(this.atMs);
    const edit = { ...what, atMs };
    const others = this.setting.edits.filter((each) => {
      const isSame = 'path' in each && 'path' in edit && each.path === edit.path && each.atMs === atMs;
      return !isSame || (edit.side && each.side !== edit.side);
    });
    this.#change({ ...this.setting, edits: [...others, edit] });
  }

  receive(report: Report, variant: number): void {
    if (report.kind === 'frames') this.#timeline.add(variant, report.frames, report.strip);
    if (report.kind === 'problem') this.#notify(`This setting can't be simulated: ${report.text}`);
    this.#isDirty = true;
  }

  #notify(text: string): void {
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

  #showLetters(reasons: Readonly<Record<string, number>> = {}): void {
    const lines = Object.entries(reasons).map(([reason, count]) => element('p', {}, `${count} × ${reason}`));
    const redrive = () => this.#edit({ kind: 'redrive' });
    openMenu('Dead letters', lines, [['Redrive: send them to the stream again', redrive]]);
  }

  #move(player: Player): void {
    this.#player = player;
    this.#isDirty = true;
  }

  #listen(): void {
    startBar(
      (speed) => this.#move({ ...this.#player, speed }),
      (perSecond) => this.#edit({ kind: 'load', perSecond }),
    );
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
      ...Object.entries(usual).map(([kind, { label, act }], index) => {
        const [name, click] = [`${index + 1}`, { ...act, kind: kind as Timed }];
        return { key: name, name, does: label, button: 'faults', act: () => this.#edit(click) };
      }),
      { key: 'r', name: 'R', does: 'reset to the preset', act: reset },
      { key: 'g', name: 'G', does: 'guess before you see', act: () => this.#askGuess() },
      { key: 'p', name: 'P', does: 'projector', act: projector },
      { key: 'w', name: 'W', does: 'why', button: 'why-button', act: toggleWhy },
      { key: '?', name: '?', does: 'this help', act: () => byId('help').togglePopover() },
    ]);
  }

  #tick(nowMs: number): void {
    requestAnimationFrame((next) => this.#tick(next));
    const before = this.#player;
    const elapsedMs = nowMs - this.#last.tickMs || 0;
    this.#last.tickMs = nowMs;
    this.#player = advance(before, elapsedMs, this.#timeline.arrivedMs, this.#stopMs);
    this.#reveal();
    if (this.atMs !== before.atMs || this.#player.isPlaying !== before.isPlaying) this.#isDirty = true;
    const isDue = !this.#calm.matches || !this.#player.isPlaying;
    if (this.#isDirty && (isDue || nowMs - this.#last.drawMs >= reducedEveryMs)) this.#draw(nowMs);
  }

  #draw(nowMs: number): void {
    const { scene, shown } = this.#timeline;
    if (!scene) return;
    this.#isDirty = false;
    this.#last.drawMs = nowMs;
    const readings = this.#readings();
    const { atMs } = readings[0] ?? this;
    this.#fit(atMs);
    const isLeftOut = this.played.value.load === this.setting.playable.value.load;
    const loads = isLeftOut ? [] : this.setting.edits.filter((edit) => 'perSecond' in edit);
    const set = loads.findLast((edit) => edit.atMs <= atMs)?.perSecond;
    showBar(this.#player, atMs >= this.#endMs, set ?? baseRate(this.played.experiment.load));
    const [variants, hasMotion] = [this.#variants, !this.#calm.matches];
    this.#panels.draw({ scene, variants, readings, strips: shown.strips, hasMotion });
    if (!this.#player.isPlaying || nowMs - this.#last.writeMs >= writeEveryMs) {
      this.#last.writeMs = nowMs;
      this.#panels.write({ variants, readings });
    }
    drawWhy(variants, readings);
    this.#say(readings.length === 0 ? 'Simulating …' : sentenceOf(scene, readings, atMs), nowMs);
  }

  #say(text: string, nowMs: number): void {
    const shown = byId('sentence');
    if (shown.textContent !== text) {
      const pieces = text.split(/(\d+\u00a0[%s])/).map((piece, index) => {
        const share = piece.endsWith('%') ? Number.parseInt(piece, 10) / 100 : undefined;
        return index % 2 === 0 ? piece : element('b', { class: toneOf(share) }, piece);
      });
      shown.replaceChildren(...pieces);
    }
    if (nowMs - this.#last.sayMs < sayEveryMs) return;
    this.#last.sayMs = nowMs;
    setText(byId('live'), text);
  }

  /** Asks how many requests A completes some seconds after the last cause. Then plays on to the answer. */
  #askGuess(): void {
    const fromMs = this.#timeline.scene?.causes.at(-1)?.toMs;
    if (fromMs === undefined) return;
    const untilMs = Math.min(fromMs + guessAheadMs, this.#endMs);
    const later = `${Math.round((untilMs - fromMs) / 1000)} s`;
    const choices = guesses.map((percent) => {
      const choose = () => {
        this.#guess = { percent, untilMs };
        this.#notify(`You say ${percent} %. Watch the next ${later}.`);
        this.#go(fromMs, true);
      };
      return [`${percent} %`, choose] as const;
    });
    this.#go(fromMs);
    openMenu(`The cause is over. How many requests does A complete in time ${later} later?`, [], choices);
  }

  #reveal(): void {
    if (!this.#guess || this.atMs < this.#guess.untilMs) return;
    this.#notify(`A completes ${percent(this.#readings()[0]?.goodput)}. You said ${this.#guess.percent} %.`);
    this.#guess = undefined;
    this.#go(this.atMs);
  }
}
