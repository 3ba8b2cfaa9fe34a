// roo session config

import { usage } from '../../args/parse-args.ts';
import { CONFIG_KEYS, configKey } from '../../config/config-keys.ts';
import type { ConfigValue } from '../../config/config-keys.ts';
import { didYouMeanText } from '../../did-you-mean.ts';
import { rowsView } from '../../output/views.ts';
import { settingValue } from '../../config/config.ts';
import type { ChangeResult } from '../../types/service-types.ts';
import { defineCommand } from '../command.ts';
import type { Answer } from '../../output/answer.ts';
import type { CommandContext } from '../context.ts';
import { resolveRef } from '../refs.ts';
import { typedValue } from '../typed-setting.ts';
import { changeNote } from './session-change.ts';
import { REF_ARGUMENT } from './session-flags.ts';

const KEYS = CONFIG_KEYS.filter((entry) => entry.perSession !== undefined).map((entry) => entry.key);

export const command = defineCommand({
  description: [
    "Shows a session's preferences, shows one of them, or sets it for this session alone. What is not set here comes " +
      'from the settings of the project and the user: see roo config.',
  ],
  flags: { unset: { kind: 'switch', summary: 'take back what was set for KEY' } },
  arguments: {
    ref: REF_ARGUMENT,
    key: { kind: 'optional', summary: KEYS.join(', '), complete: KEYS },
    value: { kind: 'optional', summary: 'new value' },
  },
  examples: [
    { command: 'roo session config @last', does: 'all preferences' },
    { command: 'roo session config @last maxHistoryLength 200', does: 'load fewer messages with it' },
    { command: 'roo session config @last model --unset', does: 'back to the configured model' },
  ],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    const { key, value } = args;
    if (flags.unset && (key === undefined || value !== undefined)) throw usage('--unset needs a key and no value');
    if (key !== undefined && !KEYS.includes(key)) {
      throw usage(
        `${JSON.stringify(key)} is no preference of a session`,
        didYouMeanText(key, KEYS) || `use ${KEYS.join(', ')}`,
      );
    }
    const id = await resolveRef(context, args.ref);
    if (key === ENCRYPTED && value !== undefined) return encryptionOf(context, id, await typedValue(key, value));
    let change: ChangeResult | null = null;
    if (key !== undefined && (flags.unset || value !== undefined)) {
      const patch = { [key]: flags.unset ? null : await typedValue(key, value!) };
      const storage = await context.services.storage();
      change = await storage.change(id, [{ type: 'config', patch }]);
      context.report.note(`${flags.unset ? 'unset' : 'set'} ${key}${changeNote(change)}`);
    }
    const rows = (await preferences(context, id)).filter((row) => key === undefined || row.key === key);
    return {
      data: { session: { id }, change },
      list: { key: 'settings', items: rows },
      view: rowsView(
        [
          { title: 'KEY', value: (row) => row.key },
          { title: 'VALUE', value: (row) => String(row.value ?? '') },
          { title: 'SOURCE', value: (row) => row.source },
        ],
        rows,
        '',
      ),
    };
  },
});

/** It says what the session's file is: setting it is one of the verbs that make it so, with what they ask and say. */
const ENCRYPTED = 'encryptionEnabled';

async function encryptionOf(context: CommandContext, id: string, wanted: unknown): Promise<Answer> {
  if (wanted === true) {
    const { encryptSessions } = await import('./encrypt.ts');
    return encryptSessions(context, [id], { recipient: [], keyFile: false, yes: false });
  }
  const { decryptSessions } = await import('./decrypt.ts');
  return decryptSessions(context, [id], false);
}

interface Preference {
  key: string;
  value: ConfigValue;
  source: string;
}

/** What holds for the session: its own choice, else what the user and the project have set. */
async function preferences(context: CommandContext, id: string): Promise<Preference[]> {
  const { fold } = (await context.services.storage()).details(id);
  return KEYS.map((key) => {
    const own = fold.config[key];
    if (own !== undefined && configKey(key) !== undefined) return { key, value: own as ConfigValue, source: 'session' };
    return { key, value: settingValue(context.config, key), source: context.config.settings.get(key)!.source };
  });
}
