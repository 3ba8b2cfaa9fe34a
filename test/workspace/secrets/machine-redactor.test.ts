// What the redactor of this machine knows, and when it learns more.

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { machineRedactor } from '../../../src/workspace/secrets/machine-redactor.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const FIRST = ['one', 'Qx7', 'mV2kP9', 'wLz4'].join('-');
const SECOND = ['two', 'Rt5', 'nB8cF3', 'yHj1'].join('-');

test('a file that came, changed, or stands in a folder that was added is known after a refresh; nothing is forgotten', (t) => {
  const folder = tempFolder(t);
  const folders = [join(folder, 'a')];
  for (const name of ['a', 'b']) mkdirSync(join(folder, name));
  const redactor = machineRedactor({ home: folder, environment: {}, folders, userFolder: null });
  const isKnown = (value: string): boolean => redactor.redactText(`it is ${value} here`).found.length === 1;
  const setting = (value: string): string => `DB_PASSWORD=${value}\n`;

  writeFileSync(join(folder, 'a', '.env'), setting(FIRST));
  assert.equal(isKnown(FIRST), false);
  redactor.refresh();
  assert.equal(isKnown(FIRST), true);
  const [{ placeholder } = { placeholder: '' }] = redactor.redactText(FIRST).found;
  assert.equal(redactor.reveal(placeholder), FIRST);

  writeFileSync(join(folder, 'b', '.env'), setting(SECOND));
  folders.push(join(folder, 'b'));
  rmSync(join(folder, 'a', '.env'));
  redactor.refresh();
  assert.deepEqual([isKnown(FIRST), isKnown(SECOND)], [true, true]);
});
