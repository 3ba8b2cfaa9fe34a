// The scripted server as tests of the command line use it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '../helpers/temp-folder.ts';

const FOLDER = fileURLToPath(new URL('../helpers/model-server/', import.meta.url));

describe('the scripted model server', () => {
  it('runs as a process, goes through its script, and records requests without their keys', async (t) => {
    const record = join(tempFolder(t), 'requests.jsonl');
    const scenario = join(FOLDER, 'scenarios/chat.json');
    const args = [join(FOLDER, 'main.ts'), '--scenario', scenario, '--record', record];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { port } = JSON.parse(line) as { port: number };

    const messages: object[] = [{ role: 'user', content: 'Run echo.' }];
    const ask = async (): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer a-secret' },
        body: JSON.stringify({ model: 'm', messages }),
      });
      return response.text();
    };
    assert.match(await ask(), /execute_command/);
    messages.push({ role: 'assistant', content: null, tool_calls: [] }, { role: 'tool', content: 'hello' });
    assert.match(await ask(), /The command printed hello/);

    const recorded = readFileSync(record, 'utf8');
    assert.deepEqual(
      recorded
        .trim()
        .split('\n')
        .map((text) => (JSON.parse(text) as { step: string }).step),
      ['2.0', '2.1'],
    );
    assert.doesNotMatch(recorded, /a-secret/);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });
});
