#!/usr/bin/env node
// Written for any node there is, so that an old one can say what is missing in place of a syntax error. Where a new one
// is installed beside roo, as in a checkout, that one takes over.
'use strict';

var NEEDED = 24;
var path = require('path');

function majorOf(version) {
  return Number(version.split('.')[0]);
}

/** The binary of the npm package `node`, in this installation or a folder above it; null when there is none. */
function findNewNode() {
  var fs = require('fs');
  var name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (var folder = path.dirname(__dirname); ; folder = path.dirname(folder)) {
    var root = path.join(folder, 'node_modules', 'node');
    var binary = path.join(root, 'bin', name);
    // Its version is looked at, because a node as old as this one would only look for another one again.
    if (fs.existsSync(binary) && majorOf(require(path.join(root, 'package.json')).version) >= NEEDED) return binary;
    if (path.dirname(folder) === folder) return null;
  }
}

function runWith(binary) {
  // Ctrl-C reaches both processes; only the one that works may decide what it means.
  process.on('SIGINT', function () {});
  var child = require('child_process').spawnSync(binary, [__filename].concat(process.argv.slice(2)), {
    stdio: 'inherit'
  });
  if (child.error) throw child.error;
  if (child.signal) {
    process.removeAllListeners(child.signal);
    process.kill(process.pid, child.signal);
  } else process.exit(child.status);
}

function explain() {
  process.stderr.write(
    'roo: this is node ' + process.versions.node + ', and roo needs node ' + NEEDED + ' or newer.\n' +
    'Install it with one of these, and run roo again:\n' +
    '  npm install --global node@' + NEEDED + '\n' +
    '  nvm install ' + NEEDED + '\n' +
    '  fnm install ' + NEEDED + '\n' +
    '  volta install node@' + NEEDED + '\n' +
    'In a checkout, npm ci brings a node along and npx roo uses it.\n'
  );
  process.exit(1);
}

/** Compiled code is kept between runs, in the state folder of a store that is there, where it is the user's own. */
function keepCompiledCode() {
  var state = path.join(process.env.ROO_HOME || path.join(require('os').homedir(), '.roo'), 'state');
  if (!isPrivate(state)) return;
  // Node makes the folders itself, with the mode that the umask leaves.
  var umask = process.umask(63);
  require('module').enableCompileCache(path.join(state, 'compiled'));
  process.umask(umask);
}

/** Whoever may write to the folder could have roo run code of theirs. */
function isPrivate(folder) {
  try {
    var stat = require('fs').statSync(folder);
    return process.platform === 'win32' || ((stat.mode & 18) === 0 && stat.uid === process.geteuid());
  } catch (error) {
    // It is not there yet, or what opens the store will say what is wrong with it.
    return false;
  }
}

if (majorOf(process.versions.node) >= NEEDED) {
  keepCompiledCode();
  require('../dist/main.cjs');
} else {
  var binary = findNewNode();
  if (binary) runWith(binary);
  else explain();
}
