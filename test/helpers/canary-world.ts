// A project, a server of tools and a model that are full of canaries: whatever a session may read, run or be told in
// them has secrets in it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { wellBehaved } from '../workspace/mcp/servers.ts';
import type { Place } from './built-roo.ts';
import { place } from './built-roo.ts';
import type { Canaries } from './canaries.ts';
import type { ModelServer } from './model-server/model-server.ts';
import { startModelServer } from './model-server/model-server.ts';
import type { Turn } from './model-server/scenario.ts';

/** A project with a scripted model. */
export async function placeWithModel(t: TestContext, turns: Turn[]): Promise<{ at: Place; server: ModelServer }> {
  const at = place(t);
  const server = await startModelServer({ scenario: { turns }, cwd: at.cwd });
  t.after(() => server.close());
  Object.assign(at.env, { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'key', ROO_MODEL: 'openai/scripted' });
  return { at, server };
}

/** Where people keep secrets: those of the environment and the dotfiles, and the words that a person types. */
export function plantAround(at: Place, canaries: Canaries, each: number): void {
  Object.assign(at.env, {
    SERVICE_TOKEN: canaries.known('a variable'),
    LC_NOTE: canaries.token('a variable that is kept'),
    LC_KNOWN: canaries.known('a variable that is kept and is known'),
  });
  at.env['OTHER_TOKEN'] = at.env['LC_KNOWN'];
  const settings = Array.from({ length: each }, (_, i) => `DB_PASSWORD_${i}=${canaries.known('.env')}\n`);
  writeFileSync(join(at.cwd, '.env'), settings.join(''));
  writeFileSync(join(at.cwd, '.npmrc'), `//registry.example.org/:_authToken=${canaries.known('.npmrc')}\n`);
  writeFileSync(join(at.home, '..', '.netrc'), `machine example.org login me password ${canaries.known('.netrc')}\n`);
  writeFileSync(join(at.cwd, 'AGENTS.md'), canaries.lines('AGENTS.md', each));
  writeFileSync(join(at.home, '..', 'CLAUDE.md'), canaries.lines('CLAUDE.md of the user', each));
  writeFileSync(join(at.cwd, 'mentioned.txt'), canaries.lines('a mentioned file', each));
  writeFileSync(join(at.cwd, 'settings.txt'), canaries.lines('a file that is read', each));
  writeFileSync(join(at.cwd, 'found.txt'), canaries.lines('a line that is found', each));
  writeFileSync(join(at.cwd, 'key.txt'), canaries.privateKey('a file with a key'));
  writeFileSync(join(at.cwd, 'out.txt'), canaries.lines('what a command prints', each));
  writeFileSync(join(at.cwd, 'err.txt'), canaries.lines('what a command complains', each));
  writeFileSync(join(at.cwd, 'typed.txt'), canaries.lines('what a typed command prints', each));
  writeFileSync(join(at.cwd, 'slow.txt'), canaries.lines('what a background process prints', each));
  writeFileSync(join(at.cwd, 'large.txt'), `${canaries.lines('a large output', each)}${'x'.repeat(300_000)}\n`);
  const folder = join(at.cwd, canaries.token('the name of a folder'));
  mkdirSync(folder);
  for (let i = 0; i < each; i++) writeFileSync(join(folder, `${canaries.token('the name of a file')}.txt`), 'found\n');
  mkdirSync(join(at.cwd, 'watched'));
}

/** Prints lines in two pieces each. */
export const PIECEWISE =
  'while IFS= read -r line; do printf %.7s "$line"; sleep 0.05; printf "%s\\n" "${line#???????}"; done <slow.txt';

/** What the model says, and has done: every tool, with secrets wherever one may stand. */
export function plantedTurns(canaries: Canaries, each: number): Turn[] {
  return [
    {
      prompt: 'Look around',
      steps: [
        {
          think: canaries.lines('thinking', each),
          text: canaries.lines('an answer', each),
          calls: [
            { read: 'settings.txt' },
            { read: 'key.txt' },
            { tool: 'search_files', args: { pattern: 'e', path: 'found.txt' } },
            { tool: 'search_files', args: { pattern: canaries.token('what is searched for') } },
            { tool: 'list_files', args: { path: '.', recursive: true } },
            {
              shell: `cat out.txt; cat err.txt >&2; env; printf %s "$SERVICE_TOKEN" | base64; : ${canaries.line('a command')}`,
            },
            { shell: 'cat large.txt' },
            { tool: 'execute_command', args: { command: PIECEWISE, background: true } },
            { write: 'written.txt', content: canaries.lines('what is written', each) },
            { edit: 'written.txt', old: 'nowhere', new: canaries.line('an edit') },
            {
              tool: 'write_file',
              args: { path: canaries.token('a path'), content: canaries.token('half'), more: '-'.repeat(200) },
              malformed: true,
            },
            {
              tool: canaries.token('a tool that is not there'),
              args: { [canaries.token('a key')]: 1, password: canaries.token('an argument') },
            },
            { tool: 'read_mcp_resource', args: { server: 'ours' } },
            { tool: 'read_mcp_resource', args: { server: 'ours', uri: 'note://any' } },
            { tool: 'mcp__ours__leak', args: { note: canaries.line('an argument of a server') } },
          ],
        },
        { calls: [{ tool: 'read_process_output', args: { id: 'p1' } }] },
        { text: 'I have looked.' },
      ],
    },
    { prompt: 'Be refused', steps: [{ status: 401, times: 9, message: `wrong key: ${canaries.line('a refusal')}` }] },
    {
      prompt: 'Break',
      steps: [
        { fault: 'error', times: 9, status: 400, message: `invalid_request ${canaries.line('an error in a stream')}` },
      ],
    },
    { prompt: 'Once more', steps: [{ text: canaries.lines('an answer by itself', each) }] },
  ];
}

/** A server of tools that says secrets wherever it may say anything. */
export function plantServer(at: Place, canaries: Canaries, each: number): void {
  const uri = `note://${canaries.token('the address of a resource')}`;
  const resource = { uri, name: canaries.token('the name of a resource'), description: canaries.line('a resource') };
  const contents = [{ uri, text: canaries.lines('what a resource holds', each) }];
  const resources = `
    'resources/list': () => (${JSON.stringify({ resources: [resource] })}),
    'resources/templates/list': () => ({ resourceTemplates: [] }),
    'resources/read': () => (${JSON.stringify({ contents })}),`;
  const script = wellBehaved(['leak'], JSON.stringify(canaries.lines('an answer of a server', each)))
    .replace(
      'names.map((name) => ({ name,',
      `names.map((name) => ({ name, description: ${JSON.stringify(canaries.line('a description'))},`,
    )
    .replace('capabilities: {', 'capabilities: { resources: {},')
    .replace('ping: () => ({}),', `ping: () => ({}), ${resources}`)
    .replace(`version: '1'`, `version: ${JSON.stringify(canaries.token('the version of a server'))}`);
  const file = (name: string, text: string): string => {
    const path = join(at.home, '..', `${name}.js`);
    writeFileSync(path, text);
    return path;
  };
  const loud = `process.stderr.write(${JSON.stringify(canaries.lines('complaints of a server', each))});`;
  const broken = `process.stderr.write(${JSON.stringify(canaries.lines('last words of a server', each))}); process.exit(1)`;
  const mcpServers = {
    ours: { command: process.execPath, args: [file('ours', loud + script)] },
    broken: { command: process.execPath, args: [file('broken', broken)] },
  };
  mkdirSync(at.home, { recursive: true });
  writeFileSync(join(at.home, 'config.json'), JSON.stringify({ mcpServers }));
}
