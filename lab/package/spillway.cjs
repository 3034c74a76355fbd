#!/usr/bin/env node
'use strict';
// Starts the command of the package. An old Node can read this file, so that it can say what it lacks.

const { version, versions } = process;
const [major, minor] = versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 12)) {
  process.stderr.write(`spillway: expected Node 20.12 or newer, found ${version}\n`);
  process.exitCode = 1;
} else {
  keepCompiledCode();
  void import('../dist/mapped-stacks.js').then(() => import('../dist/lab.js'));
}

/** Keeps compiled code between starts, of this process and of those that it starts. Node 20 can't. */
function keepCompiledCode() {
  const { enableCompileCache } = require('node:module');
  if (enableCompileCache === undefined) return;
  const { env } = process;
  if (!env.NODE_COMPILE_CACHE)
    env.NODE_COMPILE_CACHE = require('node:path').join(require('node:os').tmpdir(), 'node-compile-cache');
  enableCompileCache(env.NODE_COMPILE_CACHE);
}
