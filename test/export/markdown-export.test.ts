import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExportedMessage, ExportedSession } from '../../src/export/document.ts';
import { StreamedList, StreamedText } from '../../src/export/document.ts';
import { exportMarkdown } from '../../src/export/markdown-export.ts';
import { containedMarkdown } from '../../src/export/markdown-text.ts';
import { NASTY_TEXTS } from './nasty.ts';

const timestamp = new Date('2026-03-01T10:00:00.000Z');

async function markdown(messages: Partial<ExportedMessage>[], name = 'A name'): Promise<string> {
  const whole = messages.map((message) => ({
    id: 'm',
    parentId: null,
    role: 'user',
    content: '',
    timestamp,
    ...message,
  }));
  const session: ExportedSession = {
    id: '01234567-89ab-4cde-8f01-23456789abcd',
    name,
    metadata: {
      createdAt: timestamp,
      updatedAt: timestamp,
      status: 'active',
      tags: ['one', 't|wo'],
      project: { path: '/home/dev/a_b' },
    },
    history: {
      messages: new StreamedList(
        (async function* () {
          yield* whole;
        })(),
      ),
    },
  };
  let text = '';
  for await (const chunk of exportMarkdown(session)) text += chunk;
  return text;
}

/** The document as a reader of fences sees it: its lines, and for each whether it is inside of a block of code. */
function blocks(text: string): { line: string; inside: boolean }[] {
  let fence = '';
  return text.split('\n').map((line) => {
    const marks = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? '';
    if (fence === '' && marks !== '') {
      fence = marks;
      return { line, inside: false };
    }
    if (fence !== '' && marks.startsWith(fence) && line.trim() === marks) {
      fence = '';
      return { line, inside: false };
    }
    return { line, inside: fence !== '' };
  });
}

test('a transcript says who said what and when, with tools, thinking, files and images', async () => {
  const text = await markdown([
    { content: 'Do it.' },
    {
      role: 'assistant',
      model: 'big-model',
      parts: [
        { type: 'thinking', text: 'hm' },
        { type: 'text', text: 'Looking.' },
        { type: 'tool-call', callId: 'c', name: 'bash', input: '{"command":"ls"}' },
        {
          type: 'tool-result',
          callId: 'c',
          name: 'bash',
          status: 'error',
          output: 'no\n',
          exitCode: 2,
          durationMs: 30,
          parts: [{ type: 'image', mediaType: 'image/png', data: 'AA==' }],
        },
        { type: 'file', path: 'notes.md', text: 'words' },
        { type: 'other', kind: 'strange', value: 1 },
      ],
    },
  ]);
  assert.equal(
    text,
    `# A name

| | |
| --- | --- |
| Session | \`01234567-89ab-4cde-8f01-23456789abcd\` |
| Project | /home/dev/a\\_b |
| Created | 2026-03-01T10:00:00.000Z |
| Updated | 2026-03-01T10:00:00.000Z |
| Status | active |
| Tags | one, t\\|wo |

## user · 2026-03-01T10:00:00.000Z

Do it.


## assistant · 2026-03-01T10:00:00.000Z · big-model

<details><summary>Thinking</summary>

\`\`\`text
hm
\`\`\`

</details>

Looking.

**Tool: bash**

\`\`\`json
{"command":"ls"}
\`\`\`

Result of bash: error, exit 2, 30 ms

\`\`\`
no
\`\`\`

*Image: image/png*

*File: notes.md*

\`\`\`
words
\`\`\`

*strange*

`,
  );
});

for (const words of NASTY_TEXTS) {
  test(`a transcript keeps its shape around ${JSON.stringify(words.slice(0, 30))}`, async () => {
    const half = Math.floor(words.length / 2);
    const output = new StreamedText(async function* () {
      yield words.slice(0, half);
      yield words.slice(half);
    });
    const parts: ExportedMessage['parts'] = [
      { type: 'text', text: words },
      { type: 'thinking', text: words },
      { type: 'tool-call', callId: 'c', name: words, input: words },
      { type: 'tool-result', callId: 'c', name: words, status: 'ok', output: words },
      { type: 'tool-result', callId: 'c', name: words, status: 'ok', output },
    ];
    const text = await markdown([{ role: 'assistant', parts }, { content: 'the end' }], words);
    const lines = blocks(text);
    const headings = lines.filter(({ line, inside }) => !inside && /^ {0,3}#{1,2}(?:\s|$)/.test(line));
    assert.deepEqual(headings.map(({ line }) => line.slice(0, 5)).slice(1), ['## as', '## us'], text);
    assert.equal(lines.findLast(({ line }) => line !== '')!.line, 'the end');
    assert.ok(!lines.at(-2)!.inside);
    for (const { line, inside } of lines) {
      if (!inside)
        assert.doesNotMatch(
          line.replaceAll(/\\</g, '').replace(/^<\/?details>(<summary>Thinking<\/summary>)?$/, ''),
          /<[a-z/!?]/i,
        );
    }
    // Control characters would steer the terminal that shows the document.
    assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028]/);
  });
}

test('headings of a message stand below those of the transcript, and code is left alone', () => {
  assert.equal(containedMarkdown('# a\n## b\n###### c\n#tag'), '### a\n#### b\n###### c\n#tag');
  assert.equal(containedMarkdown('```sh\n# comment <b>\n```'), '```sh\n# comment <b>\n```');
  assert.equal(containedMarkdown('title\n---\nx'), 'title\n\\---\nx');
});

test('HTML is shown and not used, inside of a code span too where readers differ about it', () => {
  assert.equal(containedMarkdown('<b>x</b> 1 < 2'), '\\<b>x\\</b> 1 < 2');
  assert.equal(containedMarkdown('`Array<string>` and <i>'), '`Array<string>` and \\<i>');
  assert.equal(containedMarkdown('| `x | <i>` |'), '| `x | \\<i>` |');
  assert.equal(containedMarkdown('\\`<script>\\`'), '\\`\\<script>\\`');
  assert.equal(containedMarkdown('`open\n<script>`'), '`open\n\\<script>`');
});

test('a fence that a message leaves open is closed with it', () => {
  assert.equal(containedMarkdown('````js\n```\ncode'), '````js\n```\ncode\n````');
  assert.equal(containedMarkdown('~~~\ncode'), '~~~\ncode\n~~~');
});
