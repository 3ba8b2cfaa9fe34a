// docs/format.md is meant to be enough to write a reader, so it must say what the code does.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isKnown } from '../src/core/record.ts';
import type { LogRecord } from '../src/core/record.ts';
import { JSON_DEPTH_MAX } from '../src/core/json.ts';
import { FLAG, FRAME_BYTES_MAX, FRAME_BYTES_MIN, HEADER_BYTES, PAYLOAD_BYTES_MAX } from '../src/store/frame.ts';
import { LINE_BYTES_MAX } from '../src/store/frame-lines.ts';
import { PAGE, withExample } from '../scripts/format-example.ts';

const page = readFileSync(PAGE, 'utf8');

describe('docs/format.md', () => {
  it('has the example that the code makes', () => {
    assert.equal(withExample(page), page, 'run: node scripts/format-example.ts');
  });

  it('names every type of record, and only those', () => {
    const table = page.slice(page.indexOf('| type | fields |'), page.indexOf('Parts of a message:'));
    const documented = Array.from(table.matchAll(/^\| `([a-z-]+)` \|/gm), ([, type]) => type!);
    assert.ok(documented.length > 10);
    for (const type of documented)
      assert.ok(isKnown({ type, id: '', at: '' } as LogRecord), `${type} is no record type`);
    const source = readFileSync(new URL('../src/core/record.ts', import.meta.url), 'utf8');
    const types = Array.from(source.matchAll(/^ {2}type: '([a-z-]+)';/gm), ([, type]) => type!);
    for (const type of types.filter((type) => isKnown({ type, id: '', at: '' } as LogRecord))) {
      assert.ok(documented.includes(type), `${type} is not documented`);
    }
  });

  it('says where the fields of a frame stand, one behind the other', () => {
    const table = page.slice(page.indexOf('| offset | bytes |'), page.indexOf('A frame packs at most'));
    const rows = Array.from(
      table.matchAll(/^\| (\d+) \| (\d+) \|/gm),
      ([, at, bytes]) => [Number(at), Number(bytes)] as const,
    );
    let end = 0;
    for (const [at, bytes] of rows) {
      assert.equal(at, end);
      end += bytes;
    }
    assert.equal(end, HEADER_BYTES);
  });

  it('says the limits that the code keeps', () => {
    assert.equal(PAYLOAD_BYTES_MAX, 1024 * 1024);
    assert.ok(page.includes(`1 MiB + ${(FRAME_BYTES_MAX - PAYLOAD_BYTES_MAX).toLocaleString('en')} bytes`));
    assert.ok(page.includes(`\`frameBytes\` is from ${FRAME_BYTES_MIN} to the maximum`));
    assert.ok(page.includes(`(${FRAME_BYTES_MIN} bytes each, at least)`));
    assert.ok(page.includes(`Lines\nare at most ${LINE_BYTES_MAX / 1024} KiB`));
    assert.ok(page.includes(`nested at most ${JSON_DEPTH_MAX}\nlevels`));
    const { encrypted, close, epoch, snapshot } = FLAG;
    assert.ok(
      page.includes(
        `${encrypted} encrypted · ${close} ends with a \`close\` record · ${epoch} begins an epoch · ${snapshot} ends`,
      ),
    );
  });
});
