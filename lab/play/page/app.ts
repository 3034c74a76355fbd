import type { Told } from '#lab/play/answer.ts';
import { type Played, playedExperiment } from '#lab/play/experiment.ts';
import type { Scene } from '#lab/play/frame.ts';
import type { VariantValue } from '#lab/play/options.ts';
import { baseRate } from '#lab/play/scaled-load.ts';
import { type Playable, plainSetting, type Setting, type Side, sides } from '#lab/play/setting.ts';
import { type Asked, Bar, faults, placed, type Unplaced } from './controls/bar.ts';
import { fillChips, type SetOption } from './controls/chips.ts';
import { Guess } from './controls/guess.ts';
import { listenToKeys } from './controls/keys.ts';
import { Why } from './controls/why.ts';
import { advance, type Player, seek, speedFor, stepMs } from './moment/player.ts';
import { type Reading, readAt } from './moment/readings.ts';
import { sentenceOf } from './moment/sentence.ts';
import { Timeline } from './moment/timeline.ts';
import { byId, element, setText } from './picture/elements.ts';
import { Scenery } from './scenery.ts';

const sayEveryMs = 3000;
const reducedEveryMs = 500;

/** Parts that the page is made with. */
interface Parts {
  readonly playables: readonly Playable[];
  /** Called with each new setting. */
  simulate(playable: Playable, setting: Setting): void;
  changed(setting: Setting): void;
}

/** The page: what is set, where the cursor is, and what is drawn. */
export class App implements Asked {
  setting: Setting;
  played: Played;
  readonly #parts: Parts;
  readonly #timeline = new Timeline();
  readonly #scenery = new Scenery();
  readonly #bar: Bar;
  readonly #guess: Guess;
  readonly #why = new Why(() => (this.#isDirty = true));
  #notes: readonly string[] = [];
  /** True until the page has chosen its speed for a new experiment. */
  #isNew = true;
  readonly #calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  #player: Player = { atMs: 0, speed: 2, isPlaying: true };
  #isDirty = true;
  /** True once a worker has told the scene of the newest setting. */
  #isBegun = false;
  #lastMs = 0;
  #drawnMs = 0;
  #saidMs = 0;
  #drawnAtMs = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.setting = plainSetting(parts.playables[0]!);
    this.played = this.#play(this.setting);
    this.#bar = new Bar(this);
    this.#guess = new Guess({
      causeEndMs: () => this.#timeline.scene?.causes.at(-1)?.toMs,
      durationMs: () => this.#endMs,
      goodput: () => this.#readings()[0]?.goodput,
      seek: (atMs) => this.seek(atMs),
      play: (isPlaying) => this.#move({ ...this.#player, isPlaying }),
    });
    byId('panels').before(this.#guess.card);
    this.#listen();
    requestAnimationFrame((nowMs) => this.#tick(nowMs));
  }

  get #endMs(): number {
    return this.#timeline.scene?.endMs ?? 0;
  }

  /** Time of the picture: that of the cursor, unless its frames have not arrived. */
  get #shownMs(): number {
    return Math.min(this.#player.atMs, this.#timeline.arrivedMs);
  }

  get atMs(): number {
    return this.#player.atMs;
  }

  #play(setting: Setting): Played {
    return playedExperiment(setting, this.#playableOf(setting));
  }

  #playableOf({ id }: Setting): Playable {
    return this.#parts.playables.find((each) => each.id === id)!;
  }

  #readings(): Reading[] {
    const readings = this.#timeline.frames.map((frames) => readAt(frames, this.#shownMs));
    return readings.every((reading) => reading !== undefined) ? readings : [];
  }

  /** Shows what an address says: at its time, or else from the start. */
  open(setting: Setting, atMs: number | undefined, notes: readonly string[]): void {
    this.#isNew = true;
    this.#notes = notes;
    this.change(setting, atMs ?? 0);
    this.#player = { ...this.#player, isPlaying: atMs === undefined };
  }

  /** Shows another setting, and goes on at the cursor. */
  change(setting: Setting, atMs = this.#player.atMs): void {
    this.setting = setting;
    this.#player = { ...this.#player, atMs, isPlaying: true };
    this.played = this.#play(setting);
    this.#set();
  }

  #set(): void {
    const { value, names, experiment } = this.played;
    setText(byId('question'), experiment.title);
    document.title = `${experiment.title} · Spillway`;
    const variants = value.variants as Readonly<Record<string, VariantValue>>;
    for (const [index, side] of sides.entries()) {
      const base = side === 'B' ? variants[names.A] : undefined;
      const set: SetOption = (path, to) => this.#option(index === 0 ? undefined : side, path, to);
      fillChips(this.#scenery.panels[index]!.chips, variants[names[side]]!, base, set);
    }
    this.#isBegun = false;
    this.#scenery.marks = this.setting.clicks.flatMap((click) =>
      click.kind === 'load' ? [{ atMs: click.atMs, text: `${click.perSecond}/s` }] : [],
    );
    this.#why.explain(this.played);
    this.#parts.changed(this.setting);
    this.#parts.simulate(this.#playableOf(this.setting), this.setting);
  }

  /** A change in A is one of both, since B inherits its settings. */
  #option(side: Side | undefined, path: string, value: number | string | boolean): void {
    const others = this.setting.changes.filter((each) => each.path !== path || (side && each.side !== side));
    this.change({ ...this.setting, changes: [...others, { side, path, value }] });
  }

  #begin(scene: Scene, notes: readonly string[]): void {
    this.#isBegun = true;
    this.#player = { ...this.#player, atMs: Math.min(this.#player.atMs, scene.endMs) };
    this.#timeline.begin(scene, this.#player.atMs);
    this.tell([...this.#notes, ...notes].join('\n'));
    this.#notes = [];
    if (this.#isNew) this.#player = { ...this.#player, speed: speedFor(scene.endMs) };
    this.#isNew = false;
    for (const { slider } of this.#scenery.panels) slider.max = String(scene.endMs);
    const rate = baseRate(this.played.experiment.load);
    this.#bar.fit(rate, scene.variants[0]?.sticksAbove);
  }

  /** Takes what a worker tells of a variant. */
  hear(told: Told, variant: number): void {
    if (told.tell === 'scene' && !this.#isBegun) this.#begin(told.scene, told.notes);
    if (told.tell === 'frames') this.#timeline.add(variant, told.frames, told.strip);
    if (told.tell === 'problem') this.tell(`This setting can't be simulated: ${told.text}`);
    this.#isDirty = true;
  }

  /** Shows a note or problem above the panels; none for an empty text. */
  tell(text: string): void {
    const notice = byId('notice');
    notice.hidden = text === '';
    setText(notice, text);
  }

  play(): void {
    const isAtEnd = this.#player.atMs >= this.#endMs;
    const atMs = isAtEnd && !this.#player.isPlaying ? 0 : this.#player.atMs;
    this.#move({ ...this.#player, atMs, isPlaying: !this.#player.isPlaying });
  }

  step(by: number): void {
    this.seek(this.#player.atMs + by * stepMs);
  }

  speed(speed: number): void {
    this.#move({ ...this.#player, speed });
  }

  seek(atMs: number): void {
    this.#move({ ...seek(this.#player, atMs, this.#endMs), isPlaying: false });
  }

  click(click: Unplaced): void {
    const clicks = [...this.setting.clicks, placed(click, this.#player.atMs)];
    this.change({ ...this.setting, clicks });
  }

  reset(): void {
    this.change(plainSetting(this.#playableOf(this.setting)), 0);
  }

  #move(player: Player): void {
    if (Math.abs(player.atMs - this.#player.atMs) > 2 * stepMs) this.#scenery.clear();
    this.#player = player;
    this.#isDirty = true;
  }

  #listen(): void {
    const dirty = () => (this.#isDirty = true);
    new ResizeObserver(dirty).observe(byId('panels'));
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#scenery.recolour();
      dirty();
    });
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#move({ ...this.#player, isPlaying: false });
    });
    for (const { slider } of this.#scenery.panels)
      slider.addEventListener('input', () => this.seek(slider.valueAsNumber));
    const toggle = (id: string) => byId(id).click();
    listenToKeys({
      ' ': () => this.play(),
      arrowleft: () => this.step(-1),
      arrowright: () => this.step(1),
      r: () => this.reset(),
      g: () => this.#guess.toggle(),
      p: () => {
        document.documentElement.classList.toggle('projector');
        dirty();
      },
      w: () => toggle('why-button'),
      '?': () => byId('help').togglePopover(),
      ...Object.fromEntries(faults.map(({ click }, index) => [`${index + 1}`, () => this.click(click)])),
    });
  }

  #tick(nowMs: number): void {
    requestAnimationFrame((next) => this.#tick(next));
    const elapsedMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (!this.#timeline.scene) return;
    const before = this.#player;
    this.#player = advance(before, elapsedMs, this.#timeline.arrivedMs, this.#endMs);
    if (this.#player.atMs !== before.atMs) this.#guess.reveal(this.#player.atMs);
    if (this.#player.atMs !== before.atMs || this.#player.isPlaying !== before.isPlaying)
      this.#isDirty = true;
    const isDue = !this.#calm.matches || nowMs - this.#drawnMs >= reducedEveryMs || !this.#player.isPlaying;
    if (this.#isDirty && isDue) this.#draw(nowMs);
  }

  #draw(nowMs: number): void {
    const readings = this.#readings();
    const scene = this.#timeline.scene;
    if (!scene || readings.length === 0) return;
    const atMs = this.#shownMs;
    const elapsedMs = Math.max(0, Math.min(atMs - this.#drawnAtMs, 500));
    const motion = { elapsedMs, hasMotion: !this.#calm.matches };
    this.#scenery.draw(this.#timeline, readings, motion);
    this.#isDirty = false;
    [this.#drawnMs, this.#drawnAtMs] = [nowMs, atMs];
    this.#why.draw(readings, this.#scenery.colours);
    this.#bar.show(this.#player, atMs >= this.#endMs, readings[0]!.frame.offeredPerSecond);
    const parts = sentenceOf(scene, readings, atMs, this.#timeline.strips);
    const text = parts.map((part) => part.text).join('');
    const shown = byId('sentence');
    if (shown.textContent !== text)
      shown.replaceChildren(
        ...parts.map(({ text, tone }) => (tone ? element('b', { class: tone }, text) : text)),
      );
    for (const { slider } of this.#scenery.panels) {
      slider.value = String(atMs);
      slider.setAttribute('aria-valuetext', `${(atMs / 1000).toFixed(1)} s`);
    }
    if (nowMs - this.#saidMs < sayEveryMs) return;
    this.#saidMs = nowMs;
    setText(byId('live'), text);
  }
}
