#!/usr/bin/env node
// Written for any node there is, so that an old one can say what is missing in place of a syntax error. Where a new one
// is installed beside roo, as in a checkout, it takes over.
'use strict';

var NEEDED = 24;
var path = require('path');

function majorOf(version) {
  return Number(version.split('.')[0]);
}

/** The `node` package's binary, in this installation or a folder above it. */
function findNewNode() {
  var fs = require('fs');
  var name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (var folder = path.dirname(__dirname); ; folder = path.dirname(folder)) {
    var binary = path.join(folder, 'node_modules', 'node', 'bin', name);
    if (fs.existsSync(binary)) return binary;
    if (path.dirname(folder) === folder) return null;
  }
}

function runWith(binary) {
  var child = require('child_process').spawnSync(binary, [__filename].concat(process.argv.slice(2)), {
    stdio: 'inherit',
    env: Object.assign({}, process.env, { ROO_NODE_FOUND: '1' })
  });
  if (child.error) throw child.error;
  if (child.signal) process.kill(process.pid, child.signal);
  process.exit(child.status === null ? 1 : child.status);
}

function explain() {
  process.stderr.write(
    'roo: this is node ' + process.versions.node + ', and roo needs node ' + NEEDED + ' or newer. Install it with one of\n' +
    '  npm install --global node@' + NEEDED + '\n' +
    '  nvm install ' + NEEDED + '\n' +
    '  fnm install ' + NEEDED + '\n' +
    '  volta install node@' + NEEDED + '\n' +
    'and run roo again. In a checkout, npm ci brings a node along and npx roo uses it.\n'
  );
  process.exit(1);
}

if (majorOf(process.versions.node) >= NEEDED) {
  // The variable has done its work; commands that roo starts must not inherit it.
  delete process.env.ROO_NODE_FOUND;
  // Through a function, because the word `import` alone is a syntax error to the oldest ones.
  new Function('url', 'return import(url)')(require('url').pathToFileURL(path.join(__dirname, '..', 'dist', 'main.js')).href);
} else {
  var binary = process.env.ROO_NODE_FOUND ? null : findNewNode();
  if (binary) runWith(binary);
  else explain();
}
