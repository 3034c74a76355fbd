import { type AddressInfo, createServer } from 'node:net';

const body = '{"ok":true}';
const answer = [
  'HTTP/1.1 200 OK',
  'content-type: application/json; charset=utf-8',
  `content-length: ${body.length}`,
  'connection: keep-alive',
  'keep-alive: timeout=72',
  '',
  body,
].join('\r\n');
const afterMs = Number(process.argv[2]);

// Answers each received chunk without reading it, with as little work as possible. Exits when its stdin ends.
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', () => setTimeout(() => socket.write(answer), afterMs));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('end', () => process.exit()).resume();
