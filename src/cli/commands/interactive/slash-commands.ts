// The `/` commands of the interactive command line, and every `roo session` verb as `/session <verb>`.

import { SessionError } from '../../../core/errors.ts';
import { safeText } from '../../../core/safe-text.ts';
import { usage } from '../../args/parse-args.ts';
import { didYouMean } from '../../did-you-mean.ts';
import type { SessionWorld } from '../../services/SessionWorld.ts';
import type { CommandContext } from '../context.ts';
import { resolveRef } from '../refs.ts';
import type { Desk } from './desk.ts';
import { goOnWith } from './go-on-with.ts';
import { goOn, interruptedWork } from './interrupted-work.ts';
import type { HelpEntry } from './slash-help.ts';
import { interruptible } from './run-turn.ts';
import { screenSize } from './screen-size.ts';
import { splitWords } from './split-words.ts';

interface SlashCommand extends HelpEntry {
  run(desk: Desk, rest: string): Promise<'stay' | 'leave'>;
}

/** Where there is no screen to fit. */
const HELP_COLUMNS = 100;

const stay = async (work: Promise<unknown>): Promise<'stay'> => {
  await work;
  return 'stay';
};

export const SLASH_COMMANDS: Readonly<Record<string, SlashCommand>> = {
  help: { usage: '/help', summary: 'this list', run: (desk) => stay(help(desk)) },
  session: {
    usage: '/session VERB …',
    summary: 'any verb of roo session, for example /session list',
    run: (desk, rest) => stay(runVerb(desk, ['session', ...splitWords(rest)])),
  },
  name: { usage: '/name TEXT', summary: 'name this session', run: (desk, rest) => stay(setName(desk, rest)) },
  tag: { usage: '/tag TAG …', summary: 'add tags to this session', run: (desk, rest) => stay(addTags(desk, rest)) },
  status: { usage: '/status', summary: 'this session in a line', run: (desk) => stay(status(desk)) },
  save: {
    usage: '/save',
    summary: 'write what waits; needed only where autoSave is off',
    run: (desk) => stay(save(desk)),
  },
  fork: { usage: '/fork', summary: 'go on in a copy that shares the past', run: (desk) => stay(fork(desk)) },
  new: { usage: '/new', summary: 'go on in a new session', run: (desk) => stay(switchTo(desk, null)) },
  resume: {
    usage: '/resume [REF]',
    summary: 'go on in another session; without REF, choose one',
    run: (desk, rest) => stay(resume(desk, rest)),
  },
  continue: {
    usage: '/continue',
    summary: 'let the model go on where the last turn stopped',
    run: (desk) => stay(goOn(desk)),
  },
  interrupted: {
    usage: '/interrupted [again|failed]',
    summary: 'calls that were cut short: what is known; run them again, or mark them as failed',
    run: (desk, rest) => stay(interruptedWork(desk, rest)),
  },
  model: {
    usage: '/model [PROVIDER/MODEL]',
    summary: 'the model of this session, or another one from now on',
    run: (desk, rest) => stay(model(desk, rest)),
  },
  compact: {
    usage: '/compact [WHAT TO KEEP]',
    summary: 'replace what was said by a summary, for the model; the log keeps it all',
    run: (desk, rest) => stay(compact(desk, rest)),
  },
  watch: {
    usage: '/watch [PATH]',
    summary: 'watch a file or folder: what changes is told to you and the model; without PATH, what is watched',
    run: (desk, rest) => stay(watch(desk, rest)),
  },
  unwatch: { usage: '/unwatch PATH', summary: 'watch it no longer', run: (desk, rest) => stay(unwatch(desk, rest)) },
  mcp: {
    usage: '/mcp [add|remove|list|reconnect] …',
    summary: 'servers of tools',
    run: (desk, rest) => stay(mcp(desk, rest)),
  },
  processes: {
    usage: '/processes [stop|restart ID]',
    summary: 'background processes (!COMMAND & starts one)',
    run: (desk, rest) => stay(processes(desk, rest)),
  },
  logs: {
    usage: '/logs ID',
    summary: 'what a background process printed',
    run: (desk, rest) => stay(runVerb(desk, ['session', 'logs', '@current', ...splitWords(rest)])),
  },
  checkpoint: {
    usage: '/checkpoint [TEXT]',
    summary: 'keep the files and the conversation as they are now, to go back to',
    run: (desk, rest) => stay(runVerb(desk, ['session', 'checkpoint', ...(rest === '' ? [] : [rest])])),
  },
  checkpoints: {
    usage: '/checkpoints',
    summary: 'what can be gone back to',
    run: (desk) => stay(runVerb(desk, ['session', 'checkpoints', '@current'])),
  },
  rewind: {
    usage: '/rewind CHECKPOINT|MESSAGE [--files|--conversation] · /rewind --redo',
    summary: 'go back, files and conversation together or apart; --redo takes it back',
    run: (desk, rest) => stay(runVerb(desk, ['session', 'rewind', '@current', ...splitWords(rest)])),
  },
  config: {
    usage: '/config [KEY [VALUE]]',
    summary: "this session's preferences",
    run: (desk, rest) => stay(runVerb(desk, ['session', 'config', '@current', ...splitWords(rest)])),
  },
  exit: { usage: '/exit', summary: 'leave (also Ctrl-D)', run: async () => 'leave' },
};

export async function runSlashCommand(desk: Desk, text: string): Promise<'stay' | 'leave'> {
  const [, name = '', rest = ''] = /^(\S*)\s*([\s\S]*)$/.exec(text)!;
  const command = Object.hasOwn(SLASH_COMMANDS, name)
    ? SLASH_COMMANDS[name]
    : name === 'quit'
      ? SLASH_COMMANDS['exit']
      : undefined;
  if (command) return command.run(desk, rest.trim());
  const near = didYouMean(name, Object.keys(SLASH_COMMANDS));
  throw usage(`/${name} is no command here`, near === null ? '/help lists the commands' : `did you mean /${near}?`);
}

async function help({ context: { system }, say }: Desk): Promise<void> {
  const { slashHelp } = await import('./slash-help.ts');
  const columns = system.stdout.isTTY === true ? screenSize(system).columns : HELP_COLUMNS;
  for (const line of slashHelp(Object.values(SLASH_COMMANDS), columns)) say(line);
}

/** Runs a command line through the same door as the shell's, on this session and with the same store open. */
async function runVerb(desk: Desk, words: readonly string[]): Promise<void> {
  const { context, conversation } = desk;
  const { run } = await import('../../run.ts');
  const system = {
    ...context.system,
    cwd: conversation.workingDirectory,
    env: { ...context.system.env, ...(conversation.id !== null && { ROO_SESSION: conversation.id }) },
  };
  const services = { ...context.services, close: async () => {} };
  await run(words, system, { makeServices: () => services, startInteractive: refuse });
  await desk.refresh();
}

async function refuse(_context: CommandContext): Promise<never> {
  throw new SessionError('USAGE', 'this is the interactive command line already', {
    op: 'load',
    hint: 'use /resume REF',
  });
}

async function setName({ conversation, say }: Desk, name: string): Promise<void> {
  if (name === '') throw usage('/name needs a name');
  await conversation.append({ type: 'meta', name });
  say(`named ${safeText(name)}`);
}

async function addTags({ conversation, say }: Desk, text: string): Promise<void> {
  const addTags = splitWords(text);
  if (addTags.length === 0) throw usage('/tag needs a tag');
  await conversation.append({ type: 'meta', addTags });
  say(`tagged ${safeText(addTags.join(', '))}`);
}

async function status({ conversation, say }: Desk): Promise<void> {
  const { live } = conversation;
  if (!live) return say('nothing of this session is kept');
  const { name, tags, counts } = live.fold;
  const saved = live.waitingRecords === 0 ? 'everything is saved' : `${live.waitingRecords} records are not saved`;
  const words = [live.id.slice(0, 8), name ?? 'unnamed', ...tags.map((tag) => `#${tag}`)].join(' ');
  say(`${safeText(words)}: ${counts.messages} messages, ${counts.toolCalls} commands; ${saved}`);
}

/** The world around the session. Throws USAGE where nothing is kept. */
async function worldOf(desk: Desk): Promise<SessionWorld> {
  const world = await desk.world();
  if (!world)
    throw usage('nothing of this session is kept, so it has no world to keep', 'begin one without --ephemeral');
  return world;
}

async function watch(desk: Desk, path: string): Promise<void> {
  const world = await worldOf(desk);
  if (path !== '') return desk.say(safeText(await world.watch(path)));
  const paths = world.watched();
  desk.say(paths.length === 0 ? 'nothing is watched' : safeText(paths.join('\n')));
}

async function unwatch(desk: Desk, path: string): Promise<void> {
  if (path === '') throw usage('/unwatch needs a path', '/watch lists them');
  const was = await (await worldOf(desk)).unwatch(path);
  desk.say(safeText(was ? `${path} is watched no longer` : `${path} was not watched`));
}

async function mcp(desk: Desk, rest: string): Promise<void> {
  const { runMcpCommand } = await import('./mcp-commands.ts');
  const hub = await (await worldOf(desk)).hub();
  const records = await runMcpCommand(hub, splitWords(rest), desk.say);
  if (records.length > 0) await desk.conversation.append(...records);
}

async function processes(desk: Desk, rest: string): Promise<void> {
  const [verb, id, ...more] = splitWords(rest);
  const known = verb === undefined || verb === 'stop' || verb === 'restart';
  if (!known || more.length > 0 || (verb !== undefined && id === undefined))
    throw usage('/processes takes stop ID or restart ID');
  await runVerb(desk, ['session', 'processes', '@current', ...(verb === undefined ? [] : [`--${verb}`, id!])]);
}

async function model(desk: Desk, name: string): Promise<void> {
  const agent = await desk.agent();
  if (name !== '') return desk.say(`asking ${safeText(await agent.setModel(name))} from now on`);
  agent.assertModel();
  desk.say(safeText(agent.modelName ?? ''));
}

async function compact(desk: Desk, wish: string): Promise<void> {
  const agent = await desk.agent();
  agent.assertModel();
  const { summary, tokensBefore } = await interruptible(desk, (signal) => agent.compact(wish, signal));
  desk.say(safeText(summary));
  const before = tokensBefore > 0 ? ` (before: ${tokensBefore} tokens)` : '';
  desk.say(`the model goes on from this summary${before}; everything said stays in the session and is still found`);
}

async function save({ conversation, say }: Desk): Promise<void> {
  await conversation.live?.save();
  say(conversation.live ? 'saved' : 'nothing of this session is kept');
}

async function fork({ context, conversation, say }: Desk): Promise<void> {
  if (!conversation.live || conversation.live.fold.counts.records === 0) throw usage('there is nothing to fork yet');
  const id = await (await context.services.storage()).fork(conversation.live.id, null, null);
  await conversation.switchTo(id);
  say(`going on in ${id.slice(0, 8)}`);
}

async function switchTo(desk: Desk, id: string | null): Promise<void> {
  const { conversation, say } = desk;
  const comeBack = conversation.comeBack();
  if (comeBack !== null) say(comeBack);
  if (id === null) await conversation.switchTo(null);
  else await goOnWith(desk, id);
  say(`going on in ${id === null ? 'a new session' : id.slice(0, 8)}`);
}

async function resume(desk: Desk, ref: string): Promise<void> {
  const { pickSession } = await import('./pick-session.ts');
  const id = ref === '' ? await pickSession(desk.context) : await resolveRef(desk.context, ref);
  if (id !== null) await switchTo(desk, id);
}
