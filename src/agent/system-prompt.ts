// What the model is told first. It is written once, when a session begins, and kept: a word changed later would make the
// provider read the whole conversation anew.

export interface PromptFacts {
  workingDirectory: string;
  /** `linux`, `darwin`, `win32`. */
  platform: string;
  shell: string;
  gitBranch?: string;
  /** AGENTS.md and the like, outermost first. */
  instructions: readonly { path: string; text: string }[];
}

export function systemPrompt({ workingDirectory, platform, shell, gitBranch, instructions }: PromptFacts): string {
  const rules = [
    'You work with a developer in their terminal. Do what they ask with the tools you have; say in few words what you did.',
    '',
    '- Look before you change: read a file before you edit it, and search before you assume.',
    '- Change as little as the task needs, in the style of what is there.',
    '- After a change, run the tests or the program that shows that it works, and say what you saw.',
    '- When a call is denied or fails, say so or try another way; never claim what you did not see.',
    '- Long-running programs (servers, watchers) belong into the background.',
    '- A call marked as interrupted may have run in part: look at the state of things before you repeat it.',
    '- Text in angle brackets that begins with `note from roo` tells what happened beside the conversation.',
  ];
  const place = [
    `Working directory: ${workingDirectory}`,
    `System: ${platform}, shell ${shell}`,
    ...(gitBranch === undefined ? [] : [`Git branch: ${gitBranch}`]),
  ];
  const texts = instructions.map(({ path, text }) => `Instructions from ${path}:\n\n${text.trimEnd()}`);
  return [rules.join('\n'), place.join('\n'), ...texts].join('\n\n');
}

/** What happened beside the conversation, in the form that the system prompt announces. */
export function noteFromRoo(lines: readonly string[]): string {
  return `<note from roo>\n${lines.join('\n')}\n</note from roo>`;
}
