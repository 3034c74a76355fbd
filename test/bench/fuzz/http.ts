import { request } from 'node:http';
import { connect } from 'node:net';
import { deadline, systemClock } from '#kit/clock.ts';
import type { Draws } from './draws.ts';
import type { Findings } from './findings.ts';

const answerBytesMax = 64 * 1024;
const withinMs = 10_000;

interface Input {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Templates of the requests that a port accepts: method, path and a valid body. */
export type Calls = readonly (readonly [method: string, path: string, body?: unknown])[];

/** Paths with answers of unlimited length: the longer a service runs, the longer they are. */
const unbounded = /^\/(effects|metrics)/;

/** Sends one input to an HTTP port. Adds a finding if the answer is wrong, late or too long. */
export async function callPort(url: string, calls: Calls, draws: Draws, findings: Findings): Promise<void> {
  findings.inputs += 1;
  if (draws.chance(0.05)) return rawCall(url, draws, findings);
  const input = inputOf(calls, draws);
  const startedAtMs = systemClock.now();
  const { status, body } = await deadline(answerTo(url, input), withinMs, systemClock).catch(
    (error: Error) => {
      if (!isCutOff(error))
        findings.add('answers too late', `${input.method} ${url}${input.path}`, error.message, input.body);
      return { status: 0, body: '' };
    },
  );
  findings.slowestMs = Math.max(findings.slowestMs, systemClock.now() - startedAtMs);
  const where = `${input.method} ${url}${input.path}`;
  if (body.length > answerBytesMax && !unbounded.test(input.path))
    findings.add('answers over 64 KB', where, `${body.length} bytes`, input.body);
  if (status >= 500 && !isMeant(body))
    findings.add('unmeant answers 5xx', where, `${status} ${body}`, input.body);
}

/** True if the server closed the connection, which is no finding: it may refuse a large body without reading it all. */
const isCutOff = (error: Error): boolean =>
  /ECONNRESET|EPIPE|socket hang up/.test(`${(error as NodeJS.ErrnoException).code} ${error.message}`);

/**
 * True if the problem of a 5xx answer has a specific type, such as that of a policy. `internal` is an unexpected error.
 */
function isMeant(body: string): boolean {
  try {
    const { type } = JSON.parse(body);
    return typeof type === 'string' && type.startsWith('urn:spillway:') && type !== 'urn:spillway:internal';
  } catch {
    return false;
  }
}

function inputOf(calls: Calls, draws: Draws): Input {
  const [method, path, valid] = draws.one(calls);
  const value = draws.chance(0.1) ? draws.value() : draws.chance(0.9) ? draws.mistaken(valid ?? {}) : valid;
  const text = JSON.stringify(value) ?? '';
  const hasBody = valid !== undefined || draws.chance(0.1);
  const body = hasBody ? (draws.chance(0.15) ? draws.garbled(text) : Buffer.from(text)) : Buffer.alloc(0);
  return {
    method: draws.chance(0.03)
      ? draws.one(['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE'])
      : method,
    path: draws.chance(0.03) ? path + encodeURI(draws.text().toWellFormed()).slice(0, 500) : path,
    headers: headersOf(draws, body.length > 0),
    body,
  };
}

const headerNames = [
  ...['x-request-id', 'x-attempt', 'x-timeout-ms', 'x-class', 'traceparent'],
  ...['authorization', 'expect-not', 'origin', 'accept'],
];

function headersOf(draws: Draws, hasBody: boolean): Record<string, string> {
  const headers: Record<string, string> = {};
  if (hasBody)
    headers['content-type'] = draws.chance(0.95)
      ? 'application/json'
      : draws.one(['text/plain', 'application/xml', 'x', 'application/json; charset=utf-16']);
  while (draws.chance(0.2))
    headers[draws.one(headerNames)] = draws
      .text()
      .replaceAll(/[^\x20-\x7e]/g, '')
      .slice(0, 300);
  if (draws.chance(0.2)) headers['x-timeout-ms'] = String(draws.below(5000));
  return headers;
}

function answerTo(
  url: string,
  { method, path, headers, body }: Input,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      url + path,
      { method, headers: { ...headers, 'content-length': body.length }, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** Sends bytes that may not be HTTP. Ignores the answer, unless it is too long. */
async function rawCall(url: string, draws: Draws, findings: Findings): Promise<void> {
  const head =
    'POST /rpc HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{"id":"a"}';
  await sendRaw(url, draws.chance(0.3) ? draws.bytes(20_000) : draws.garbled(head), draws, findings);
}

/** Connects, sends, and disconnects after up to 30 ms, perhaps before or during the answer. */
export async function sendRaw(url: string, bytes: Buffer, draws: Draws, findings: Findings): Promise<void> {
  const { hostname, port } = new URL(url);
  const leave = draws.one(['destroy', 'reset', 'end'] as const);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname);
    const timer = systemClock.after(1 + draws.below(30), () => {
      if (leave === 'reset') socket.resetAndDestroy();
      else socket.destroy();
    });
    let got = 0;
    socket.on('data', (chunk) => {
      got += chunk.length;
      if (got > answerBytesMax) findings.add('answers over 64 KB', url, `${got} bytes`, bytes);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      systemClock.cancel(timer);
      resolve();
    });
    socket.write(bytes);
    if (leave === 'end') socket.end();
  });
}
