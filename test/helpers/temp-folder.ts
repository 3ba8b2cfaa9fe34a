// A folder of the test's own, removed behind it.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Its real path, as `process.cwd()` would tell it. */
export function tempFolder(test: TestContext): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'roo-test-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
