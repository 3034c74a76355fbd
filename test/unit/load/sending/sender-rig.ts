import type { Channel, Exchange } from '#kit/http-client/connection.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { requestId } from '#kit/wire.ts';
import { httpText } from '#load/sending/http-text.ts';
import { Ledger } from '#load/sending/ledger.ts';
import type { Request } from '#load/sending/request.ts';
import { Sender } from '#load/sending/sender.ts';

export const deadlineMs = 100;

/** Creates a sender on fake connections. The test answers a request with `answer`. */
export function rig(path: 'rpc' | 'event', connections = 100, seed?: number, redrives?: boolean) {
  const clock = new VirtualClock();
  const ledger = new Ledger();
  const texts: string[] = [];
  const exchanges: Exchange[] = [];
  const ended: Request[] = [];
  const order: string[] = [];
  const channel = (): Channel => ({
    send(text, exchange) {
      texts.push(text);
      exchanges.push(exchange);
    },
    isOpen: true,
    close: () => order.push('close'),
  });
  const free = Array.from({ length: connections }, channel);
  const sender = new Sender({
    clock,
    path,
    encode: httpText({ path, host: 'h:1', seed }),
    deadlineMs,
    ...(seed !== undefined && { seed }),
    ...(redrives !== undefined && { redrives }),
    ledger,
    connections: {
      take: () => free.pop(),
      give(one) {
        order.push('give');
        free.push(one);
      },
    },
    first: () => order.push('first'),
    ended(request) {
      order.push('ended');
      ended.push(request);
    },
  });
  const send = () => sender.send(requestId(ledger.counts(0).offered), ledger.counts(0).offered, clock.now());
  const answer = (index: number, status: number, body = '', attempts?: number) =>
    exchanges[index]!.answered({ status, body, attempts, keepAliveMs: 5000 });
  const completion = (index: number, outcome: 'ok' | 'dead' = 'ok') =>
    sender.reported({ id: requestId(index), outcome, attempts: 2 });
  const balance = () => {
    const { offered, inFlight, outcomes } = ledger.counts(0);
    return { offered, sum: Object.values(outcomes).reduce((sum, count) => sum + count, inFlight) };
  };
  return { clock, ledger, texts, exchanges, ended, order, free, sender, send, answer, completion, balance };
}

/** Creates a sender like `rig`, with one event that the publisher has accepted. */
export function accepted(redrives?: boolean) {
  const it = rig('event', 100, 1, redrives);
  it.send();
  it.answer(0, 202);
  return it;
}
