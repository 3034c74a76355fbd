#!/usr/bin/env node
'use strict';
// Starts the command of the package. An old Node can read this file, so that it can say what it lacks.

const { version, versions } = process;
const [major, minor] = versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`spillway: expected Node 22.19 or newer, found ${version}\n`);
  process.exitCode = 1;
} else {
  keepCompiledCode();
  process.setSourceMapsEnabled(true);
  void import('../dist/lab.js');
}

/** Keeps compiled code between starts, of this process and of those that it starts. */
function keepCompiledCode() {
  const { env } = process;
  if (!env.NODE_COMPILE_CACHE)
    env.NODE_COMPILE_CACHE = require('node:path').join(require('node:os').tmpdir(), 'node-compile-cache');
  require('node:module').enableCompileCache(env.NODE_COMPILE_CACHE);
}
