import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { filterOutput, lookThroughOutput, outputsOf } from '../../../src/workspace/processes/filter-output.ts';
import { readOutput } from '../../../src/workspace/processes/output-reader.ts';
import type { ProcessFiles } from '../../../src/workspace/processes/process-files.ts';
import { trySupervise } from '../../../src/workspace/processes/supervisor-lock.ts';
import { SESSION_ID } from './temp-processes.ts';

/** A process that has ended, with its output in these files: by the place where each begins. */
function ended(t: TestContext, segments: Record<number, string>): { home: string; files: ProcessFiles } {
  const home = mkdtempSync(join(tmpdir(), 'roo-output-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const { files } = outputsOf(home, SESSION_ID);
  mkdirSync(files.outputFolder, { recursive: true });
  writeFileSync(join(files.folder, 'p1.json'), JSON.stringify({ id: 'p1', startedAt: '', machine: null }));
  files.writeEnd('p1', { exitCode: 0, endedAt: null, reason: null });
  for (const [start, text] of Object.entries(segments)) {
    writeFileSync(join(files.outputFolder, `p1.${start}.log`), text);
  }
  return { home, files };
}

/** Takes a word out, wherever it is cut: holds all of it back. */
function withoutWord(): { write(bytes: Uint8Array): Uint8Array; end(): Uint8Array } {
  const held: Uint8Array[] = [];
  return {
    write(bytes) {
      held.push(Uint8Array.from(bytes));
      return new Uint8Array(0);
    },
    end: () => Buffer.from(Buffer.concat(held).toString('latin1').replaceAll('secret', '*'), 'latin1'),
  };
}

async function read(files: ProcessFiles, fromBytes: number): Promise<string> {
  let text = '';
  for await (const { bytes } of readOutput(files, 'p1', fromBytes)) text += String(Buffer.from(bytes));
  return text;
}

describe('output that something is taken out of', () => {
  it('is read on without a gap, though the files had places of their own', async (t) => {
    const { files } = ended(t, { 100: 'a sec', 105: 'ret b\n', 111: 'c secret\n' });
    await filterOutput(files, 'p1', withoutWord());
    assert.equal(await read(files, 100), 'a * b\nc *\n');
    assert.deepEqual(readdirSync(files.outputFolder), ['p1.100.log']);
  });

  it('is not doubled where a crash left a file whose bytes were taken over', async (t) => {
    const { files } = ended(t, { 0: 'first secret\nsecond secret\n', 13: 'second secret\n' });
    let seen = '';
    const looking = {
      write: (bytes: Uint8Array) => ((seen += String(Buffer.from(bytes))), bytes),
      end: () => Buffer.of(),
    };
    await lookThroughOutput(files, 'p1', looking);
    assert.equal(seen, 'first secret\nsecond secret\n');
    await filterOutput(files, 'p1', withoutWord());
    assert.equal(await read(files, 0), 'first *\nsecond *\n');
  });

  it('is left alone while anybody writes to it', (t) => {
    const { home, files } = ended(t, { 0: 'x' });
    assert.deepEqual(
      [outputsOf(home, SESSION_ID)].map(({ ids, isQuiet }) => ({ ids, isQuiet })),
      [{ ids: ['p1'], isQuiet: true }],
    );
    const supervisor = trySupervise(files.folder)!;
    assert.equal(outputsOf(home, SESSION_ID).isQuiet, false);
    supervisor.release();
    rmSync(join(files.folder, 'p1.end'));
    assert.equal(outputsOf(home, SESSION_ID).isQuiet, false);
  });

  it('of a session that never started anything is nothing', (t) => {
    const { home } = ended(t, {});
    const { ids, isQuiet, files } = outputsOf(home, 'a1b2c3d4-0000-4000-8000-00000000ffff');
    assert.deepEqual({ ids, isQuiet }, { ids: [], isQuiet: true });
    assert.throws(() => readFileSync(files.folder), { code: 'ENOENT' });
  });
});
