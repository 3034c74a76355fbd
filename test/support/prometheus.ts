import { fetch } from 'undici';
import { until } from './until.ts';

type Sample = readonly [atS: number, value: string];

/** Series in the answer to a query, with its value at each requested instant. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly Sample[];
}

/** Client of a Prometheus. */
export class Prometheus {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Evaluates an expression now. Throws with Prometheus' message on an error or a warning. */
  async now(expr: string): Promise<Series[]> {
    const { result } = await this.#ask('query', { query: expr });
    return (result as { metric: Series['metric']; value: Sample }[]).map(({ metric, value }) => ({
      metric,
      values: [value],
    }));
  }

  /** Evaluates an expression for each second from `startS`, a Unix time, until `endS`. */
  async since(startS: number, expr: string, endS = Date.now() / 1000): Promise<Series[]> {
    const range = { start: String(startS), end: String(endS), step: '1' };
    const { result } = await this.#ask('query_range', { query: expr, ...range });
    return result as Series[];
  }

  /** Returns the values of a label in the selected series. */
  async labelValues(label: string, selector: string): Promise<string[]> {
    const query = new URLSearchParams({ 'match[]': selector });
    return this.#data<string[]>(await fetch(`${this.#url}/api/v1/label/${label}/values?${query}`));
  }

  /** Waits until an expression has a result. */
  seen(expr: string): Promise<unknown> {
    return until(async () => (await this.now(expr)).length > 0, `there is ${expr}`);
  }

  async #ask(what: string, parameters: Record<string, string>): Promise<{ result: unknown }> {
    const body = new URLSearchParams(parameters);
    return this.#data(await fetch(`${this.#url}/api/v1/${what}`, { method: 'POST', body }));
  }

  async #data<T>(response: Awaited<ReturnType<typeof fetch>>): Promise<T> {
    const { data, error, warnings, infos } = (await response.json()) as {
      data: T;
      error?: string;
      warnings?: string[];
      infos?: string[];
    };
    const remarks = [error ?? [], warnings ?? [], infos ?? []].flat();
    if (remarks.length > 0) throw new Error(remarks.join('; '));
    return data;
  }
}
