export const kinds = [
  'deaths',
  'uncaught exceptions',
  'unmeant answers 5xx',
  'answers over 64 KB',
  'answers too late',
  'unfinished redrives',
] as const;
export type Kind = (typeof kinds)[number];

const shownMax = 5;

/** Findings of the fuzzer, and the number of inputs. */
export class Findings {
  inputs = 0;
  slowestMs = 0;
  readonly #counts = new Map<Kind, number>(kinds.map((kind) => [kind, 0]));
  readonly #say: (text: string) => void;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  count(kind: Kind): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Counts a finding. Prints the first findings of each kind with their inputs. */
  add(kind: Kind, where: string, detail: string, input: string | Buffer = ''): void {
    const count = this.count(kind) + 1;
    this.#counts.set(kind, count);
    if (count > shownMax) return;
    this.#say(`${kind}: ${where}: ${detail.slice(0, 500)}`);
    if (input.length > 0)
      this.#say(`  input of ${input.length} bytes: ${JSON.stringify(String(input).slice(0, 500))}`);
  }
}
