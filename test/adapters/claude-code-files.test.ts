// Files of Claude Code beside a session: its subagents' talks and the outputs that were too large for it.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { claudeCode } from '../../src/adapters/claude-code.ts';
import { assistant, call, ID, result, user } from './claude-code-entries.ts';
import { collect, promptsOf, recordsOf } from './collected.ts';

function linesOf(...entries: object[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

describe('finding Claude Code sessions', () => {
  it('lists subagents as sessions of their own, and brings outputs kept beside a session', async () => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'roo-claude-'));
    try {
      const project = path.join(home, 'config', 'projects', '-p');
      const [agents, outputs] = [path.join(project, ID, 'subagents'), path.join(project, ID, 'tool-results')];
      for (const folder of [agents, outputs]) mkdirSync(folder, { recursive: true });
      const saved =
        '<persisted-output>\nOutput too large (90KB). Full output saved to: /elsewhere/tool-results/big.txt\n\nPreview</persisted-output>';
      writeFileSync(path.join(outputs, 'big.txt'), 'all of it');
      writeFileSync(
        path.join(project, `${ID}.jsonl`),
        linesOf(user('u1', null, 'x'), assistant('a1', 'u1', 'm', call('c1')), user('r1', 'a1', result('c1', saved))),
      );
      const side = { isSidechain: true, agentId: 'abc' };
      writeFileSync(path.join(agents, 'agent-abc.jsonl'), linesOf(user('s1', null, 'search', side)));
      writeFileSync(path.join(project, 'empty.jsonl'), '');

      const found = [];
      for await (const session of claudeCode.list('/nowhere', { CLAUDE_CONFIG_DIR: path.join(home, 'config') }))
        found.push(session);
      assert.deepEqual(
        found.map(({ id, parent }) => [id, parent]),
        [
          [`${ID}/agent-abc`, ID],
          [ID, undefined],
        ],
      );

      const subagent = await collect(claudeCode, found[0]!.paths);
      assert.deepEqual([subagent.headers.at(-1)?.parent, promptsOf(subagent)], [ID, ['search']]);
      const main = await collect(claudeCode, found[1]!.paths);
      const [file] = recordsOf(main, 'tool-end')[0]?.parts ?? [];
      assert.equal(file?.type === 'file' && file.text, 'all of it');

      cpSync(path.join(project, `${ID}.jsonl`), path.join(home, 'copy.jsonl'));
      assert.equal(
        (await collect(claudeCode, [path.join(home, 'copy.jsonl')])).headers.at(-1)?.id,
        ID,
        'a copy is the same session',
      );
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
