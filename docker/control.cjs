// Calls the control port of the service in this container: node docker/control.cjs METHOD PATH [JSON]. Prints the
// answer, and exits with an error if the call fails. GET /readyz is the health check.
// Uses CommonJS and node:http, which start in half the time of modules and fetch.
const { readFileSync } = require('node:fs');
const { request } = require('node:http');

const [method, path, body = ''] = process.argv.slice(2);
const authorization = `Bearer ${readFileSync(process.env.CONTROL_TOKEN_FILE, 'utf8').trimEnd()}`;
const headers = { authorization, ...(body && { 'content-type': 'application/json' }) };
request({ port: process.env.CONTROL_PORT, method, path, headers }, (answer) => {
  answer.pipe(process.stdout);
  process.exitCode = answer.statusCode < 300 ? 0 : 1;
})
  .on('error', ({ message }) => {
    console.error(message);
    process.exitCode = 1;
  })
  .end(body);
