import { type Answer, type Ask, answer } from './answer.ts';

/** Part of a worker's global object. */
interface WorkerScope {
  onmessage: ((event: { readonly data: Ask }) => void) | null;
  postMessage(message: Answer): void;
}

const scope = globalThis as unknown as WorkerScope;
let current = new AbortController();
scope.onmessage = ({ data }) => {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  void answer(data, (told) => signal.aborted || scope.postMessage({ ...told, ask: data.ask }), signal);
};
