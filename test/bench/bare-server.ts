import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const afterMs = Number(process.argv[2]);

// Answers on node:http after a while and does nothing else: what downstream can't cost less than. Says what CPU time it
// has used, in µs, for each line it gets, and ends with its stdin.
const server = createServer({ keepAliveTimeout: 72_000, noDelay: true }, (request, response) => {
  request.resume().on('end', () => {
    setTimeout(() => {
      response.setHeader('content-type', 'application/json');
      response.end('{"ok":true}');
    }, afterMs);
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('data', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${user + system}\n`);
});
process.stdin.on('end', () => process.exit());
