// Starts a command in the background, says its number, and goes on living until it is killed.

import { ProcessKeeper } from '../../../src/workspace/processes/process-keeper.ts';

const [home = '', sessionId = '', command = ''] = process.argv.slice(2);
const keeper = new ProcessKeeper({ home, sessionId, nowMs: Date.now });
const { id, pid } = await keeper.start({ command, workingDirectory: home, environment: process.env });
console.log(`${id} ${pid}`);
setInterval(() => {}, 60_000);
