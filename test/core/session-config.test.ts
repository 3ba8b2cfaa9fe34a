import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DEFAULT_SESSION_CONFIG, effectiveConfig } from '../../src/core/session-config.ts';

it('the defaults are those of the story', () => {
  assert.deepEqual(effectiveConfig(), {
    autoSave: true,
    autoSaveInterval: 5,
    maxHistoryLength: 1000,
    compressionEnabled: true,
    encryptionEnabled: false,
    retentionDays: 30,
    maxSessionSize: 100,
  });
});

it('a later layer wins, key by key', () => {
  const config = effectiveConfig({ maxHistoryLength: 50, autoSave: false }, { maxHistoryLength: 7 });
  assert.deepEqual(config, { ...DEFAULT_SESSION_CONFIG, maxHistoryLength: 7, autoSave: false });
});

for (const value of ['50', null, NaN, -1, {}, [], undefined]) {
  it(`a number that is ${JSON.stringify(value)} is passed over`, () => {
    assert.equal(effectiveConfig({ maxHistoryLength: 20 }, { maxHistoryLength: value }).maxHistoryLength, 20);
  });
}

it('a switch that is a text is passed over, and what is no preference stays out', () => {
  const config = effectiveConfig({ autoSave: 'false', colour: 'red', ['__proto__']: { autoSave: false } });
  assert.deepEqual(config, { ...DEFAULT_SESSION_CONFIG });
});
