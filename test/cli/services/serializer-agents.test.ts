// Sessions that the real clients wrote, into a store: once, again, and when they have grown.

import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { MessageRecord } from '../../../src/core/record.ts';
import type { DiscoveredSession } from '../../../src/cli/types/service-types.ts';
import { testStore } from './serializer-store.ts';
import type { TestStore } from './serializer-store.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/agents/', import.meta.url));
const AGENTS = ['claude-code', 'codex', 'gemini-cli'];

function homeOf({ folder }: TestStore): string {
  const home = join(folder, 'home');
  for (const agent of AGENTS) cpSync(join(FIXTURES, agent), home, { recursive: true });
  return home;
}

async function discovered(store: TestStore, home: string): Promise<DiscoveredSession[]> {
  const found: DiscoveredSession[] = [];
  for await (const session of store.serializer.discover(home)) found.push(session);
  return found;
}

async function importAll(store: TestStore, home: string): Promise<string[]> {
  const statuses: string[] = [];
  for (const found of await discovered(store, home)) {
    const { imported, warnings } = await store.serializer.importDiscovered(found);
    assert.deepEqual(warnings, []);
    statuses.push(imported[0]!.status);
  }
  return statuses;
}

test('three sessions of each agent are discovered, imported with their tool calls, and then unchanged', async (t) => {
  const store = testStore(t);
  const home = homeOf(store);
  const before = await discovered(store, home);
  assert.deepEqual(before.map(({ agent }) => agent).sort(), AGENTS.flatMap((agent) => [agent, agent, agent]).sort());
  for (const { status, importedAs, title, project } of before) {
    assert.deepEqual([status, importedAs], ['new', null]);
    assert.ok(title !== '' && project === '/home/dev/shop-api');
  }
  assert.deepEqual([...new Set(await importAll(store, home))], ['new']);

  const after = await discovered(store, home);
  assert.deepEqual([...new Set(after.map(({ status }) => status))], ['unchanged']);
  assert.deepEqual(after.map(({ importedAs }) => importedAs).sort(), store.ids().sort());
  for (const { paths, importedAs } of after) {
    if (paths.length > 1) continue; // One of its files alone is another session.
    const log = store.layout.logPath(importedAs!);
    const bytes = readFileSync(log);
    const { imported } = await store.serializer.importFile(paths[0]!, {});
    assert.deepEqual([imported[0]!.id, imported[0]!.status], [importedAs, 'unchanged']);
    assert.ok(readFileSync(log).equals(bytes), 'the log was not touched');
  }
});

test('an imported session has the times, project, model, tokens and results of the original, and says where it is from', async (t) => {
  const store = testStore(t);
  const home = homeOf(store);
  await importAll(store, home);
  for (const id of store.ids()) {
    const fold = store.fold(id);
    assert.equal(fold.session.origin.kind, 'import');
    assert.ok(AGENTS.includes(fold.session.origin.agent));
    assert.ok(fold.session.origin.path!.startsWith(home) && fold.session.origin.sessionId !== undefined);
    assert.equal(fold.project.path, '/home/dev/shop-api');
    assert.equal(fold.state.workingDirectory, '/home/dev/shop-api');
    assert.match(fold.createdAt, /^2026-11-22T10:/);
    assert.equal(fold.session.at, fold.createdAt);
    assert.match(fold.updatedAt, /^2026-11-22T10:/);
    assert.ok(fold.model !== undefined && fold.usage.outputTokens > 0);
    assert.ok(fold.counts.toolCalls >= 4);
    const document = JSON.parse(await store.serializer.exportSession(id, 'json')) as {
      session: { history: { messages: { parts?: { type: string; status?: string }[] }[] } };
    };
    const results = document.session.history.messages
      .flatMap(({ parts = [] }) => parts)
      .filter(({ type }) => type === 'tool-result');
    assert.equal(results.length, fold.counts.toolCalls);
    assert.ok(results.every(({ status }) => status !== 'running'));
  }
});

test('every import of an agent comes out of JSON Lines as it went in', async (t) => {
  const store = testStore(t);
  await importAll(store, homeOf(store));
  const other = testStore(t);
  for (const id of store.ids()) {
    const text = await store.serializer.exportSession(id, 'jsonl');
    const path = join(other.folder, 'export');
    writeFileSync(path, text);
    await other.serializer.importFile(path, {});
    assert.equal(await other.serializer.exportSession(id, 'jsonl'), text);
  }
});

/** A session cut at a line, as it was when the client had written so far. */
function claudeFile({ folder }: TestStore): { path: string; lines: string[] } {
  const name = '69d5caef-f537-42ac-b50f-32c845d0dd80.jsonl';
  const text = readFileSync(join(FIXTURES, 'claude-code/.claude/projects/-home-dev-shop-api', name), 'utf8');
  return { path: join(folder, name), lines: text.split('\n').filter((line) => line !== '') };
}

test('a session that has grown is brought up to date, wherever it was cut before', async (t) => {
  const whole = testStore(t);
  const { path, lines } = claudeFile(whole);
  writeFileSync(path, `${lines.join('\n')}\n`);
  const { imported } = await whole.serializer.importFile(path, {});
  const id = imported[0]!.id;
  const expected = branch(whole, id);
  for (let cut = 1; cut < lines.length; cut += 9) {
    const store = testStore(t);
    writeFileSync(path, `${lines.slice(0, cut).join('\n')}\n`);
    await store.serializer.importFile(path, {});
    appendFileSync(path, `${lines.slice(cut).join('\n')}\n`);
    const grown = await store.serializer.importFile(path, {});
    assert.equal(grown.imported[0]!.status, 'updated', `cut at line ${cut}`);
    assert.deepEqual(branch(store, id), expected, `cut at line ${cut}`);
    assert.equal((await store.serializer.importFile(path, {})).imported[0]!.status, 'unchanged');
  }
});

function branch(store: TestStore, id: string): unknown {
  const byId = new Map<string, MessageRecord>();
  for (const record of store.records(id)) if (record.type === 'message') byId.set(record.id, record as MessageRecord);
  const path: unknown[] = [];
  for (let at = store.fold(id).head.messageId; at !== null; at = byId.get(at)!.parentId)
    path.unshift(byId.get(at)!.parts);
  return path;
}

test('what was added here to an imported session stays where the session stands; the original goes on beside it', async (t) => {
  const store = testStore(t);
  const { path, lines } = claudeFile(store);
  writeFileSync(path, `${lines.slice(0, 40).join('\n')}\n`);
  const { imported } = await store.serializer.importFile(path, {});
  const id = imported[0]!.id;
  await store.add(id, [{ type: 'message', id: 'mine', role: 'user', parts: [{ type: 'text', text: 'my own' }] }]);
  for (let end = 60; end <= lines.length; end += 15) {
    writeFileSync(path, `${lines.slice(0, end).join('\n')}\n`);
    const grown = await store.serializer.importFile(path, {});
    assert.equal(grown.imported[0]!.status, 'updated');
    assert.equal(store.fold(id).head.messageId, 'mine');
  }
  const results = JSON.stringify(branch(store, id));
  assert.match(results, /my own/);
});

test('a title given here is not taken back by an original that says nothing new', async (t) => {
  const store = testStore(t);
  const { path, lines } = claudeFile(store);
  writeFileSync(path, `${lines.slice(0, 40).join('\n')}\n`);
  const { imported } = await store.serializer.importFile(path, { name: 'Given at import' });
  assert.equal(imported[0]!.name, 'Given at import');
  await store.add(imported[0]!.id, [{ type: 'meta', name: 'Given later' }]);
  writeFileSync(path, `${lines.join('\n')}\n`);
  const grown = await store.serializer.importFile(path, {});
  assert.equal(grown.imported[0]!.name, 'Given later');
});

test('a dry run says what would come in and writes nothing', async (t) => {
  const store = testStore(t);
  const { path, lines } = claudeFile(store);
  writeFileSync(path, `${lines.join('\n')}\n`);
  const dry = await store.serializer.importFile(path, { dryRun: 'dry-run' });
  assert.deepEqual(store.ids(), []);
  const wet = await store.serializer.importFile(path, {});
  assert.deepEqual(dry, wet);
  const size = statSync(store.layout.logPath(wet.imported[0]!.id)).size;
  assert.equal((await store.serializer.importFile(path, { dryRun: 'dry-run' })).imported[0]!.status, 'unchanged');
  assert.equal(statSync(store.layout.logPath(wet.imported[0]!.id)).size, size);
});

test('an import that was killed is completed by the next one', async (t) => {
  const { folder, ...whole } = testStore(t);
  const { path, lines } = claudeFile({ folder, ...whole });
  writeFileSync(path, `${lines.join('\n')}\n`);
  const { imported } = await whole.serializer.importFile(path, {});
  const id = imported[0]!.id;
  const all = whole.records(id).filter(({ type }) => !['session', 'epoch', 'snapshot', 'close'].includes(type));
  for (let written = 1; written < all.length; written += 7) {
    const store = testStore(t);
    const writer = store.store.createWriter({ ...whole.fold(id).session });
    await writer.append(all.slice(0, written) as never);
    await writer.close();
    const again = await store.serializer.importFile(path, {});
    assert.equal(again.imported[0]!.id, id);
    assert.deepEqual(branch(store, id), branch({ folder, ...whole }, id), `killed after ${written} records`);
  }
});

test('a line that cannot be read is kept as it is and does not end the import', async (t) => {
  const store = testStore(t);
  const { path, lines } = claudeFile(store);
  lines[20] = '{"broken';
  lines.splice(30, 0, '\u0000'.repeat(100_000));
  writeFileSync(path, `${lines.join('\n')}\n`);
  const { imported } = await store.serializer.importFile(path, {});
  assert.equal(imported[0]!.quarantined, 2);
  const kept = store.records(imported[0]!.id).filter(({ type }) => type === 'quarantine') as unknown as {
    text?: string;
    blob?: { hash: string; bytes: number };
    source: { path: string; line: number };
  }[];
  assert.equal(kept[0]!.text, '{"broken');
  assert.deepEqual([kept[0]!.source.path, kept[0]!.source.line], [path, 21]);
  assert.equal(kept[1]!.blob!.bytes, 100_000);
  assert.deepEqual(store.store.blobs(imported[0]!.id).read(kept[1]!.blob!), Buffer.alloc(100_000));
  assert.equal((await store.serializer.importFile(path, {})).imported[0]!.status, 'unchanged');
});

test('an agent whose folder cannot be read is a warning, and the others are found', async (t) => {
  const store = testStore(t);
  const home = homeOf(store);
  rmSync(join(home, '.codex/sessions'), { recursive: true });
  writeFileSync(join(home, '.codex/sessions'), 'no folder');
  const discovery = store.serializer.discover(home);
  const agents = new Set<string>();
  for await (const { agent } of discovery) agents.add(agent);
  assert.deepEqual([...agents].sort(), ['claude-code', 'gemini-cli']);
  assert.deepEqual(
    discovery.warnings.map(({ code }) => code),
    ['STORE_UNREADABLE'],
  );
  assert.match(discovery.warnings[0]!.message, /Codex/);
});

test('a file that was only touched is looked at again once', async (t) => {
  const store = testStore(t);
  const home = homeOf(store);
  await importAll(store, home);
  for (const { paths } of await discovered(store, home)) for (const path of paths) utimesSync(path, 1, 1);
  const touched = await discovered(store, home);
  assert.deepEqual([...new Set(touched.map(({ status }) => status))], ['updated']);
  assert.deepEqual([...new Set(await importAll(store, home))], ['unchanged']);
  assert.deepEqual([...new Set((await discovered(store, home)).map(({ status }) => status))], ['unchanged']);
});
