// Runs one command line from its words to its exit code. Nothing here touches `process`: `main` brings the real world,
// tests bring a made-up one, and the interactive command line runs its `/session` verbs through it.

import { resolve } from 'node:path';
import { parseWords, usage } from './args/parse-args.ts';
import { configuredFormat, loadConfig } from './config/config.ts';
import type { Config } from './config/config.ts';
import { GLOBAL_FLAGS } from './commands/command.ts';
import type { Command, GlobalValues } from './commands/command.ts';
import type { CommandContext, Places, Services, System } from './commands/context.ts';
import { locate } from './commands/locate.ts';
import type { Located } from './commands/locate.ts';
import { hasRandomName } from '../core/redaction/random-names.ts';
import { EXIT } from './exit-codes.ts';
import { orInterrupted } from './output/abortable.ts';
import { isOutputFormat } from './output/format.ts';
import type { OutputFormat } from './output/format.ts';
import { Reporter } from './output/reporter.ts';
import { ReaderGone } from './output/stream-writer.ts';
import { styleFor } from './output/style.ts';
import { projectOf } from './services/project.ts';

export interface Wiring {
  makeServices(config: Config, places: Places, system: System): Services;
  startInteractive: CommandContext['startInteractive'];
}

/** Never throws; answers the exit code. */
export async function run(words: readonly string[], system: System, wiring: Wiring): Promise<number> {
  const noColor = words.includes('--no-color');
  const report = new Reporter({
    stdout: system.stdout,
    stderr: system.stderr,
    styleOut: styleFor(system.stdout, system.env, noColor),
    styleError: styleFor(system.stderr, system.env, noColor),
    nowMs: () => system.nowMs(),
    env: system.env,
    signal: system.signal,
  });
  // A mistake in the words themselves is also reported in the format they ask for.
  report.format = askedFormat(words, system) ?? (report.isTerminal ? 'table' : 'plain');
  try {
    try {
      await runLocated(locate(words), system, wiring, report);
    } catch (error) {
      report.fail(error);
      await report.write(null);
    }
  } catch (error) {
    if (error instanceof ReaderGone) return EXIT.done;
    throw error;
  }
  return report.exitCode;
}

async function runLocated(located: Located, system: System, wiring: Wiring, report: Reporter): Promise<void> {
  report.command = located.path.join(' ');
  if (located.kind !== 'command') {
    await report.writeRaw([await helpPage(located, system, report)]);
    return;
  }
  const { command } = await located.entry.load();
  const name = ['roo', ...located.path].join(' ');
  const { flags, args } = parseWords(
    {
      name,
      flags: { ...GLOBAL_FLAGS, ...command.flags },
      arguments: command.arguments,
      ...(command.dashWords && { dashWords: command.dashWords }),
    },
    located.words,
  );
  const { directory, format } = flags as unknown as GlobalValues;
  const here = directory === undefined ? system : { ...system, cwd: goTo(system, directory) };
  const home = resolve(here.cwd, here.env['ROO_HOME'] || resolve(here.userFolder, '.roo'));
  const config = await loadConfig({ env: here.env, cwd: here.cwd, home, userFolder: here.userFolder });
  const chosen = format ?? configuredFormat(config);
  if (chosen !== null) report.format = reportedAs(chosen);
  if (located.entry.config === undefined) requireUsable(config, report);
  const places: Places = {
    home,
    sessionsDir: resolve(here.cwd, here.env['ROO_SESSIONS_DIR'] || resolve(home, 'sessions')),
    projectPath: projectOf(here.cwd).path,
  };
  const services = wiring.makeServices(config, places, here);
  try {
    const named = { ...places, projectPath: await asNamed(places.projectPath, services) };
    const context = {
      system: here,
      places: named,
      config,
      services,
      report,
      startInteractive: wiring.startInteractive,
    };
    await runCommand(command, context, flags, args);
  } finally {
    await services.close();
  }
}

/** The project's folder as its sessions name it: they have placeholders in the place of secrets. */
async function asNamed(path: string, services: Services): Promise<string> {
  if (!hasRandomName(path)) return path;
  return (await (await services.door())?.text(path)) ?? path;
}

/** Until done or interrupted; what was begun is then left to the next start to recover. */
async function runCommand(command: Command, context: CommandContext, flags: unknown, args: unknown): Promise<void> {
  const answer = await orInterrupted(command.run(context, flags, args), context.system.signal);
  context.report.warn(...(await context.services.noticed()));
  if (answer !== null) await context.report.write(answer);
}

function requireUsable(config: Config, report: Reporter): void {
  const [problem] = config.problems;
  if (problem !== undefined) throw problem;
  // Other tools may keep keys of theirs in these files; only what looks like a typing mistake is worth a word each time.
  report.warn(...config.unknown.filter((warning) => warning.hint !== undefined));
}

async function helpPage(located: Located, system: System, report: Reporter): Promise<string> {
  const help = await import('./commands/help.ts');
  const page = {
    columns: report.isTerminal ? report.columns : help.plainPage.columns,
    style: styleFor(system.stdout, system.env, false),
  };
  if (located.kind === 'command-help') {
    const { command } = await located.entry.load();
    return help.commandHelp(located.path, located.entry.summary, command, page);
  }
  return located.path.length === 0 ? help.rootHelp(page) : help.groupHelp(located.path[0]!, page);
}

/** The formats of a turn are its own; what goes wrong with it is told in the nearest of the others. */
function reportedAs(format: string): OutputFormat {
  if (isOutputFormat(format)) return format;
  return format === 'stream-json' ? 'jsonl' : 'plain';
}

function goTo(system: System, directory: string): string {
  try {
    return system.chdir(directory);
  } catch (error) {
    throw usage(`-C: cannot go to ${directory}: ${(error as Error).message}`);
  }
}

/** The format as far as it can be told without understanding the command line. */
function askedFormat(words: readonly string[], system: System): OutputFormat | null {
  for (const [i, word] of words.entries()) {
    if (word === '--') break;
    const value = word === '-f' || word === '--format' ? words[i + 1] : /^(?:-f|--format=)(.+)$/.exec(word)?.[1];
    if (value !== undefined && isOutputFormat(value)) return value;
  }
  const set = system.env['ROO_OUTPUT_FORMAT'];
  return set !== undefined && isOutputFormat(set) ? set : null;
}
