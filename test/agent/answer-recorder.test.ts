import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnswerRecorder } from '../../src/agent/answer-recorder.ts';
import { makeRedactor } from '../../src/core/redaction/redactor.ts';
import type { NewRecord } from '../../src/core/record.ts';

const SECRET = `ghp${'_'}${'16C7e42F292c6912E7710c838347Ae178B4a'}`;
const redactor = makeRedactor({ tag: () => '0123abcd' });

for (const cut of [3, 10, 20, 39]) {
  test(`a secret said in two pieces, cut behind ${cut} characters, stands in no record`, async () => {
    const records: NewRecord[] = [];
    const append = async (record: NewRecord): Promise<void> => void records.push(record);
    const recorder = new AnswerRecorder('m', null, append, () => redactor.stream());
    await recorder.take('text', `It is ${SECRET.slice(0, cut)}`);
    await sleep(700);
    await recorder.take('text', `${SECRET.slice(cut)} and no more.\n`);
    await sleep(700);
    await recorder.end();
    const text = records.map((record) => (record.type === 'partial' ? record.text : '')).join('');
    assert.equal(text, 'It is [REDACTED:github-token:0123abcd] and no more.\n');
  });
}
