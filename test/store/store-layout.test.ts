import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseSessionFileName } from '../../src/core/session-file-name.ts';
import { storeLayout } from '../../src/store/store-layout.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

describe('the layout of a store', () => {
  it('has one lock for a sessions folder, however it is reached, and before it is there', (t) => {
    const folder = tempFolder(t);
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const home = join(folder, 'home');
    const first = storeLayout(home, join(folder, 'link', 'sessions'));
    const straight = storeLayout(home, join(folder, 'real', 'sessions'));
    assert.equal(first.locksDir, straight.locksDir);
    mkdirSync(join(folder, 'real', 'sessions'));
    assert.equal(storeLayout(home, join(folder, 'link', 'sessions')).locksDir, first.locksDir);
    assert.equal(storeLayout(home, join(folder, 'real', 'sessions')).locksDir, first.locksDir);
  });

  it('keeps the machine’s own state of two sessions folders apart', (t) => {
    const home = tempFolder(t);
    const [one, two] = [storeLayout(home, join(home, 'one')), storeLayout(home, join(home, 'two'))];
    for (const key of ['locksDir', 'indexPath', 'dirtyDir'] as const) assert.notEqual(one[key], two[key]);
    assert.equal(storeLayout(home).sessionsDir, join(home, 'sessions'));
  });

  it('finds a copy that a syncer made under the name it has', (t) => {
    const home = tempFolder(t);
    const layout = storeLayout(home);
    mkdirSync(layout.sessionsDir);
    const name = 'session-abc (conflicted copy).json.gz';
    writeFileSync(join(layout.sessionsDir, name), '');
    const { id } = parseSessionFileName(name)!;
    assert.equal(layout.logPath(id), join(layout.sessionsDir, name));
    renameSync(layout.logPath(id), join(layout.sessionsDir, 'elsewhere'));
    assert.equal(layout.logPath(id), join(layout.sessionsDir, `session-${id}.json.gz`));
  });
});
