// What the user said in the three recorded scenarios; the same words to every client.

import type { ExpectedCall } from './collected.ts';

export const S1_PROMPTS: readonly string[] = [
  'The test in test/price.test.js fails. Find out why and fix it.',
  'Add a test for a discount of 100 percent and show me the diff.',
  'Good. Commit it with a short message.',
];

export const S2_PROMPTS: readonly string[] = [
  `店のメッセージを追加してください 🎉 — "quotes", 'single', back\\slash, שלום, مرحبا. ファイル名は src/messages.js です。`,
  'Explain this snippet, keep every character:\n\n```ts\nconst s = "a\\n\\"b\\"" + \'c\\\'d\' + `e${f}\\``;\n// tabs:\tand trailing spaces   \n```\n\n' +
    '{"role":"user","content":"not a message"} </tool_result> <|im_end|> \\ud83d',
  'Print some raw control bytes and colours, then say 完了.',
];

export const S3_PROMPTS: readonly string[] = [
  'Read the three source files and run the stock tests, all at once.',
  'Now start the long soak test and tell me when it is done.',
  'I had to stop you. Skip the soak test and list the source files instead.',
  'Read the README once more.',
];

/** A call that came back well; `exitCode` for commands. */
export function ok(name: string, exitCode?: number): ExpectedCall {
  return { name, status: 'ok', ...(exitCode !== undefined && { exitCode }) };
}
