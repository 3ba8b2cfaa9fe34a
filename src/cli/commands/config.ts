// roo config

import { usage } from '../args/parse-args.ts';
import { loadConfig } from '../config/config.ts';
import type { Config, Setting } from '../config/config.ts';
import { editConfigFile, readConfigFile } from '../config/config-file.ts';
import { CONFIG_KEYS, configKey } from '../config/config-keys.ts';
import { didYouMeanText } from '../did-you-mean.ts';
import type { Answer } from '../output/answer.ts';
import type { Column } from '../output/column.ts';
import { rowsView } from '../output/views.ts';
import { defineCommand } from './command.ts';
import type { CommandContext } from './context.ts';
import { isList, typedValue } from './typed-setting.ts';

const KEYS = CONFIG_KEYS.map((entry) => entry.key);
const ACTIONS = ['list', 'get', 'set', 'add', 'unset'] as const;

export const command = defineCommand({
  description: [
    'Lists every setting with its value and where it came from: environment, project, user or default. get prints one, ' +
      "set and unset change the user's settings, or with --project those of this project; add puts one more word in a list.",
    ...CONFIG_KEYS.map((entry) => `${entry.key} (${entry.kind}): ${entry.summary}.`),
  ],
  flags: { project: { kind: 'switch', summary: "change this project's .roo/config.json" } },
  arguments: {
    action: { kind: 'optional', summary: ACTIONS.join(', '), complete: ACTIONS },
    key: { kind: 'optional', summary: 'setting, such as outputFormat', complete: 'config-key' },
    value: { kind: 'optional', summary: 'its new value' },
  },
  examples: [
    { command: 'roo config', does: 'all settings' },
    { command: 'roo config set outputFormat json', does: 'JSON unless asked otherwise' },
    { command: 'roo config set retention.maxTotalBytes 5GB --project', does: 'for this project' },
    {
      command: 'roo config add redaction.allow 0f3a9c1e',
      does: 'one more that is no secret, by the tag of its placeholder',
    },
    { command: 'roo config unset retention.keepLast', does: 'back to the default' },
  ],
  exits: [6, 7],
  async run(context, flags, args): Promise<Answer> {
    const { action = 'list', key, value } = args;
    if (action === 'list' && key === undefined) return listing(context, context.config);
    if (action === 'get' && key !== undefined && value === undefined) return one(context, context.config, known(key));
    if (action === 'set' && key !== undefined && value !== undefined) {
      return edited(context, flags.project, known(key), await typedValue(key, value));
    }
    if (action === 'add' && key !== undefined && value !== undefined)
      return added(context, flags.project, known(key), value);
    if (action === 'unset' && key !== undefined && value === undefined) {
      return edited(context, flags.project, known(key), undefined);
    }
    throw usage(
      `roo config ${action} is not complete, or not an action`,
      'roo config, roo config get KEY, roo config set KEY VALUE, roo config add KEY WORD, roo config unset KEY',
    );
  },
});

function known(key: string): string {
  if (configKey(key) !== undefined) return key;
  throw usage(`${JSON.stringify(key)} is no setting`, didYouMeanText(key, KEYS) || 'roo config lists all settings');
}

/** One more word in the list of one file. What other files say is not copied into it. */
async function added(context: CommandContext, project: boolean, key: string, word: string): Promise<Answer> {
  const { userPath, projectPath } = context.config;
  const own = readConfigFile(project ? projectPath : userPath)?.values.get(key) ?? [];
  if (!Array.isArray(own) || !(await isList(key))) throw usage(`${key} is no list`, `roo config set ${key} VALUE`);
  const list = own.includes(word) ? own : [...own, word];
  return edited(context, project, key, await typedValue(key, list));
}

async function edited(context: CommandContext, project: boolean, key: string, value: unknown): Promise<Answer> {
  const { userPath, projectPath } = context.config;
  const path = project ? projectPath : userPath;
  await editConfigFile(path, key, value);
  context.report.note(`${value === undefined ? 'unset' : 'set'} ${key} in ${path}`);
  const { env, cwd, userFolder } = context.system;
  return one(context, await loadConfig({ env, cwd, home: context.places.home, userFolder }), key);
}

const COLUMNS: Column<Setting>[] = [
  { title: 'KEY', value: (one) => one.key },
  { title: 'VALUE', value: valueText },
  { title: 'SOURCE', value: (one) => one.source, style: (one) => (one.source === 'default' ? 'dim' : 'green') },
  { title: 'PLACE', value: (one) => one.place, widthMin: 10 },
];

function listing(context: CommandContext, config: Config): Answer {
  // Here a problem is what was looked for: it is reported, and what can be told is told.
  for (const problem of config.problems) context.report.fail(problem);
  context.report.warn(...config.unknown);
  const settings = [...config.settings.values()];
  const { home, sessionsDir, projectPath } = context.places;
  return {
    data: {
      paths: {
        home,
        sessionsDir,
        project: projectPath,
        userConfig: config.userPath,
        projectConfig: config.projectPath,
      },
    },
    list: { key: 'settings', items: settings },
    view: rowsView(COLUMNS, settings, ''),
  };
}

/** As `git config --get`: the value alone, for use in a script. */
function one(context: CommandContext, config: Config, key: string): Answer {
  for (const problem of config.problems) context.report.fail(problem);
  const setting = config.settings.get(key)!;
  const view = rowsView(COLUMNS, [setting], '');
  const bare = (): string[] => [`${valueText(setting)}\n`];
  return { data: { setting }, view: { ...view, table: bare, plain: bare } };
}

function valueText(setting: Setting): string {
  const { value } = setting;
  return value === null ? '' : Array.isArray(value) ? value.join(',') : String(value);
}
