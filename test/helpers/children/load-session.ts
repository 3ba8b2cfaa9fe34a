// Loads a session and prints it as JSON. Arguments: home, session.

import { writeSync } from 'node:fs';
import { openSessions } from '../../../src/cli/services/open-sessions.ts';
import { lasting } from '../full-session.ts';

const [home, id] = process.argv.slice(2);
const { manager } = openSessions({ home: home!, environment: {} });
// A reader of lines takes U+2028 for the end of one.
const text = JSON.stringify(lasting(await manager.loadSession(id!))).replaceAll('\u2028', '\\u2028');
writeSync(1, `${text}\n`);
await manager.close();
