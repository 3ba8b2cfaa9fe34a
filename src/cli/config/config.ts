// The settings in force, each with where it came from: flags, environment, project, user, defaults, in this order.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SessionError } from '../../core/errors.ts';
import type { Warning } from '../../core/errors.ts';
import type { Permissions } from '../../core/permissions.ts';
import { didYouMeanText } from '../did-you-mean.ts';
import { isOutputFormat } from '../output/format.ts';
import type { OutputFormat } from '../output/format.ts';
import type { SessionConfig } from '../types/session-types.ts';
import type { RetentionPolicy } from '../types/storage-types.ts';
import { readConfigFile } from './config-file.ts';
import type { ConfigFile } from './config-file.ts';
import { CONFIG_KEYS, configKey } from './config-keys.ts';
import type { ConfigValue } from './config-keys.ts';

export type ConfigSource = 'flag' | 'environment' | 'project' | 'user' | 'default';

export interface Setting {
  key: string;
  value: ConfigValue;
  source: ConfigSource;
  /** File or variable it was set in; null for defaults and flags. */
  place: string | null;
}

export interface Config {
  settings: ReadonlyMap<string, Setting>;
  userPath: string;
  /** Where `roo config set --project` writes, whether or not it is there. */
  projectPath: string;
  /** Files and values that could not be used. Commands other than `config` and `doctor` refuse to run with them. */
  problems: readonly SessionError[];
  /** Keys that nobody knows. */
  unknown: readonly Warning[];
}

export interface ConfigPlaces {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** ROO_HOME. */
  home: string;
  /** The user's own folder; its `.roo` makes it no project. */
  userFolder: string;
}

/** Never throws for what stands in the files: a broken file must not keep anyone from `roo config` and `roo doctor`. */
export async function loadConfig(places: ConfigPlaces): Promise<Config> {
  const settings = new Map<string, Setting>();
  const problems: SessionError[] = [];
  const unknown: Warning[] = [];
  const userPath = join(places.home, 'config.json');
  const projectPath = join(findProjectFolder(places), '.roo', 'config.json');
  for (const { key, default: value } of CONFIG_KEYS) settings.set(key, { key, value, source: 'default', place: null });

  const set = async (key: string, value: unknown, source: ConfigSource, place: string): Promise<void> => {
    const { checkedValue } = await import('./config-schema.ts');
    const checked = checkedValue(key, value, place);
    if (source === 'project' && key === 'encryptionEnabled' && checked === false && settings.get(key)!.value === true) {
      unknown.push(turnsOff(key, place));
      return;
    }
    const stricter = source === 'project' && /^(?:permissions|redaction)\./.test(key);
    if (!stricter) settings.set(key, { key, value: checked, source, place });
    else if (key.endsWith('.allow')) unknown.push(allowsItself(key, place));
    else {
      // A repository adds to what its user forbids and takes nothing away.
      const own = (settings.get(key)!.value as readonly string[] | null) ?? [];
      settings.set(key, { key, value: [...own, ...(checked as readonly string[])], source, place });
    }
  };
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      problems.push(error);
    }
  };
  const files: [ConfigSource, string][] = [['user', userPath]];
  // In the home folder both are the same file.
  if (projectPath !== userPath) files.push(['project', projectPath]);
  for (const [source, path] of files) {
    await attempt(async () => {
      const file = readConfigFile(path);
      if (file === null) return;
      unknown.push(...unknownKeys(file));
      for (const [key, value] of file.values) {
        if (configKey(key) !== undefined) await attempt(() => set(key, value, source, path));
      }
    });
  }
  for (const { key, variable } of CONFIG_KEYS) {
    const value = variable === undefined ? undefined : places.env[variable];
    if (variable === undefined || value === undefined || value === '') continue;
    await attempt(() => set(key, value, 'environment', variable));
  }
  return { settings, userPath, projectPath, problems, unknown };
}

/** The nearest folder upward that is a project: it holds `.git` or `.roo/config.json`; else the folder itself. */
function findProjectFolder(places: Pick<ConfigPlaces, 'cwd' | 'home' | 'userFolder'>): string {
  const { cwd, home, userFolder } = places;
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    const isHome = folder === userFolder || join(folder, '.roo') === home;
    if (!isHome && existsSync(join(folder, '.roo', 'config.json'))) return folder;
    if (dirname(folder) === folder) return cwd;
  }
}

export function settingValue(config: Config, key: string): ConfigValue {
  const setting = config.settings.get(key);
  if (setting === undefined) throw new TypeError(`no setting ${key}`);
  return setting.value;
}

/** Null when nobody chose one: then the terminal decides. */
export function configuredFormat(config: Config): OutputFormat | null {
  const value = settingValue(config, 'outputFormat');
  return typeof value === 'string' && isOutputFormat(value) ? value : null;
}

/** The story's SessionConfig, for new sessions. */
export function sessionConfig(config: Config): SessionConfig {
  const of = (key: keyof SessionConfig): ConfigValue => settingValue(config, key);
  return {
    autoSave: of('autoSave') as boolean,
    autoSaveInterval: of('autoSaveInterval') as number,
    maxHistoryLength: of('maxHistoryLength') as number,
    compressionEnabled: of('compressionEnabled') as boolean,
    encryptionEnabled: of('encryptionEnabled') as boolean,
    retentionDays: of('retentionDays') as number,
    maxSessionSize: of('maxSessionSize') as number,
  };
}

/** Which tool calls may run, as the user and the project have it. */
export function permissionRules(config: Config): Permissions {
  const rules = (key: keyof Permissions): readonly string[] =>
    (settingValue(config, `permissions.${key}`) as readonly string[] | null) ?? [];
  return { allow: rules('allow'), ask: rules('ask'), deny: rules('deny') };
}

/** What `cleanup` proposes when no flag says otherwise. Nothing is removed by having it. */
export function retentionPolicy(config: Config): RetentionPolicy {
  const policy: Record<string, unknown> = {};
  for (const rule of ['olderThanDays', 'keepLast', 'maxCount', 'maxTotalBytes', 'keepTags', 'status', 'action']) {
    const value = settingValue(config, `retention.${rule}`);
    if (value !== null) policy[rule] = value;
  }
  policy['olderThanDays'] ??= settingValue(config, 'retentionDays');
  return policy as RetentionPolicy;
}

function allowsItself(key: string, path: string): Warning {
  return {
    code: 'CONFIG_INVALID',
    message: `${key} in ${path} has no effect: a project cannot allow itself anything`,
    path,
    hint: `set it for yourself: roo config set ${key} VALUE`,
  };
}

function turnsOff(key: string, path: string): Warning {
  return {
    code: 'CONFIG_INVALID',
    message: `${key} in ${path} has no effect: a project cannot turn off what you turned on for yourself`,
    path,
    hint: `turn it off for yourself: roo config set ${key} false`,
  };
}

function unknownKeys(file: ConfigFile): Warning[] {
  const known = CONFIG_KEYS.map((entry) => entry.key);
  return (
    [...file.values.keys()]
      // The servers of tools are no settings of one value each: see mcp-config.ts.
      .filter((key) => configKey(key) === undefined && key !== 'mcpServers')
      .map((key) => {
        const hint = didYouMeanText(key, known);
        const message = `${JSON.stringify(key)} in ${file.path} is no setting of roo and has no effect`;
        return { code: 'CONFIG_INVALID', message, path: file.path, ...(hint !== '' && { hint }) };
      })
  );
}
