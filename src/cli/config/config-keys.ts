// Every setting: its name, its default, and what it means. docs/config.md is checked against this table.

import { DEFAULT_SESSION_CONFIG } from '../../core/session-config.ts';

export interface ConfigKey {
  key: string;
  /** Shape of the value for people, such as `true|false` or `minutes`. */
  kind: string;
  summary: string;
  /** null: not set, the rule or choice does not apply. */
  default: ConfigValue;
  /** Environment variable that sets it. */
  variable?: string;
  /** May also be set for one session, with `roo session config`. */
  perSession?: 'yes';
}

export type ConfigValue = string | number | boolean | readonly string[] | null;

export const CONFIG_KEYS: readonly ConfigKey[] = [
  {
    key: 'autoSave',
    kind: 'true|false',
    summary: 'make every record durable at once; false writes only when the session is saved',
    default: DEFAULT_SESSION_CONFIG.autoSave,
    perSession: 'yes',
  },
  {
    key: 'autoSaveInterval',
    kind: 'minutes',
    summary: 'how often slower state is captured while a session is open',
    default: DEFAULT_SESSION_CONFIG.autoSaveInterval,
    perSession: 'yes',
  },
  {
    key: 'maxHistoryLength',
    kind: 'messages',
    summary: 'newest messages that are loaded with a session; older ones stay on disk and page in',
    default: DEFAULT_SESSION_CONFIG.maxHistoryLength,
    perSession: 'yes',
  },
  {
    key: 'compressionEnabled',
    kind: 'true|false',
    summary: 'compress session files; false stores them in the same container uncompressed',
    default: DEFAULT_SESSION_CONFIG.compressionEnabled,
    perSession: 'yes',
  },
  {
    key: 'encryptionEnabled',
    kind: 'true|false',
    summary: 'encrypt new sessions',
    default: DEFAULT_SESSION_CONFIG.encryptionEnabled,
    perSession: 'yes',
  },
  {
    key: 'retentionDays',
    kind: 'days',
    summary: 'age of the sessions that `roo session cleanup` proposes; nothing is removed without being asked for',
    default: DEFAULT_SESSION_CONFIG.retentionDays,
    perSession: 'yes',
  },
  {
    key: 'maxSessionSize',
    kind: 'megabytes',
    summary: 'size of a session file from which the log goes on in a next part',
    default: DEFAULT_SESSION_CONFIG.maxSessionSize,
    perSession: 'yes',
  },
  {
    key: 'outputFormat',
    kind: 'format',
    summary: 'output format when no --format is given',
    default: null,
    variable: 'ROO_OUTPUT_FORMAT',
  },
  {
    key: 'model',
    kind: 'provider/model',
    summary: 'model to ask',
    default: null,
    variable: 'ROO_MODEL',
    perSession: 'yes',
  },
  {
    key: 'contextTokens',
    kind: 'tokens',
    summary: "size of the model's context window; when it is nearly full, the conversation is compacted",
    default: 128_000,
    perSession: 'yes',
  },
  {
    key: 'stallSeconds',
    kind: 'seconds',
    summary: 'a model that says nothing for so long is asked again',
    default: 300,
    perSession: 'yes',
  },
  {
    key: 'checkpoints',
    kind: 'automatic|off',
    summary: 'keep the files as they are before a tool changes them; off keeps only the checkpoints that are asked for',
    default: 'automatic',
  },
  {
    key: 'permissions.allow',
    kind: 'rules',
    summary: 'tool calls that run without being asked about: TOOL or TOOL:PATTERN',
    default: null,
  },
  {
    key: 'permissions.ask',
    kind: 'rules',
    summary: 'tool calls that are always asked about',
    default: null,
    perSession: 'yes',
  },
  {
    key: 'permissions.deny',
    kind: 'rules',
    summary: 'tool calls that never run; goes before every other rule',
    default: null,
    perSession: 'yes',
  },
  {
    key: 'redaction.allow',
    kind: 'values',
    summary: 'what looks like a secret and is none: values, or the placeholders that they were replaced by',
    default: null,
  },
  {
    key: 'redaction.patterns',
    kind: 'patterns',
    summary: 'more secrets to take out: name=expression',
    default: null,
  },
  {
    key: 'retention.olderThanDays',
    kind: 'days',
    summary: 'propose sessions not changed for this long, in place of retentionDays',
    default: null,
  },
  { key: 'retention.keepLast', kind: 'count', summary: 'always keep this many newest sessions', default: null },
  { key: 'retention.maxCount', kind: 'count', summary: 'propose the oldest sessions beyond this many', default: null },
  {
    key: 'retention.maxTotalBytes',
    kind: 'size',
    summary: 'propose the oldest sessions until the rest is within this size',
    default: null,
  },
  { key: 'retention.keepTags', kind: 'tags', summary: 'never propose sessions with one of these tags', default: null },
  {
    key: 'retention.status',
    kind: 'statuses',
    summary: 'propose only sessions with one of these statuses',
    default: null,
  },
  {
    key: 'retention.action',
    kind: 'trash|archive',
    summary: 'where cleaned sessions go',
    default: 'trash',
  },
  {
    key: 'retention.trashDays',
    kind: 'days',
    summary: 'how long trash is kept before `roo session prune` frees it',
    default: 30,
  },
];

const BY_KEY: ReadonlyMap<string, ConfigKey> = new Map(CONFIG_KEYS.map((entry) => [entry.key, entry]));

export function configKey(key: string): ConfigKey | undefined {
  return BY_KEY.get(key);
}
