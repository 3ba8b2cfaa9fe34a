// Makes syncing free in this test process. For tests that try thousands of states of a file and are not about power
// loss: what a sync makes durable is tested where syncs count. Import it before anything of src/.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

fs.fsyncSync = () => {};
fs.fdatasyncSync = () => {};
fs.fdatasync = ((_fd: number, done: (error: null) => void) => setImmediate(done, null)) as typeof fs.fdatasync;
syncBuiltinESMExports();
