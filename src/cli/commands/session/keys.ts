// roo session keys

import { flagWord } from '../../args/flag.ts';
import { usage } from '../../args/parse-args.ts';
import { text } from '../../args/values.ts';
import { didYouMeanText } from '../../did-you-mean.ts';
import type { Answer } from '../../output/answer.ts';
import { defineCommand } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { createKey, importKey, newPassphrase, rotateKey } from './keys-identity.ts';
import type { KeyFlags } from './keys-identity.ts';
import { addRecipient, exportKey, listKeys, removeRecipient } from './keys-recipients.ts';
import { YES_FLAG } from './session-flags.ts';

interface Action {
  /** The argument behind it, where it takes one. */
  argument: string | null;
  flags: readonly (keyof KeyFlags)[];
  run(context: CommandContext, flags: KeyFlags, argument: string): Promise<Answer | null>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  list: { argument: null, flags: [], run: listKeys },
  create: { argument: null, flags: ['keychain', 'keyFile', 'postQuantum'], run: createKey },
  export: { argument: null, flags: ['secret', 'output', 'yes'], run: exportKey },
  import: { argument: 'FILE', flags: ['keychain', 'keyFile'], run: importKey },
  rotate: { argument: null, flags: ['postQuantum'], run: rotateKey },
  passphrase: { argument: null, flags: ['newPassphraseFile'], run: newPassphrase },
  add: { argument: 'age1…', flags: ['name'], run: addRecipient },
  remove: { argument: 'RECIPIENT-OR-NAME', flags: [], run: removeRecipient },
};
const NAMES = Object.keys(ACTIONS);

export const command = defineCommand({
  description: [
    'Your identity opens encrypted sessions; its public half, the recipient, is what they are encrypted for. Without an ' +
      'action, or with list: both, and who else new sessions are for.',
    'create makes an identity and keeps it in the keychain of the system where there is one, else under a passphrase: ' +
      'asked for, or the content of the file in ROO_PASSPHRASE_FILE. import takes one from a file of age-keygen, bare or ' +
      'under a passphrase. passphrase puts it under a new one. rotate makes a new identity and keeps the old, which ' +
      'still opens what it did.',
    'export prints the recipient, for others to share with you; with --secret the identity itself, which you need to ' +
      'have elsewhere: without it nobody opens your sessions again. add and remove say who else new sessions are for.',
    'ROO_IDENTITY=FILE uses an identity file of yours before all that. docs/encryption.md has more.',
  ],
  flags: {
    keychain: { kind: 'switch', summary: 'create, import: in the keychain, or not at all' },
    keyFile: { kind: 'switch', summary: 'create, import: as a bare file, which protects nothing' },
    postQuantum: { kind: 'switch', summary: 'create, rotate: a recipient that quantum computers do not break' },
    secret: { kind: 'switch', summary: 'export: the identity, not the recipient' },
    output: {
      kind: 'value',
      short: 'o',
      placeholder: 'FILE',
      parse: text,
      complete: 'file',
      summary: 'export: write to FILE',
    },
    name: { kind: 'value', placeholder: 'NAME', parse: text, summary: 'add: call the recipient NAME' },
    newPassphraseFile: {
      kind: 'value',
      placeholder: 'FILE',
      parse: text,
      complete: 'file',
      summary: 'passphrase: the new one is the content of FILE',
    },
    yes: YES_FLAG,
  },
  arguments: {
    action: { kind: 'optional', summary: NAMES.join(', '), complete: NAMES },
    what: { kind: 'optional', summary: 'FILE of import; recipient of add; recipient or name of remove' },
  },
  examples: [
    { command: 'roo session keys create', does: 'an identity, in the keychain or under a passphrase' },
    { command: 'roo session keys export', does: 'the line that others share with you by' },
    { command: 'roo session keys export --secret -o key.txt', does: 'a copy for the safe' },
    { command: 'roo session keys add age1… --name bob', does: 'new sessions are for bob too' },
    { command: 'roo session keys rotate', does: 'a new identity; the old one still opens' },
  ],
  exits: [4, 5, 6, 7],
  async run(context, flags, args) {
    const { action: name = 'list', what } = args;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) {
      const hint = didYouMeanText(name, NAMES) || `use ${NAMES.join(', ')}`;
      throw usage(`${JSON.stringify(name)} is no action of keys`, hint);
    }
    const form = ['roo session keys', name, ...(action.argument === null ? [] : [action.argument])].join(' ');
    if ((what === undefined) !== (action.argument === null)) throw usage(`${form} is the form of it`, form);
    const stray = FLAG_NAMES.find((flag) => flags[flag] && !action.flags.includes(flag));
    if (stray !== undefined) throw usage(`keys ${name} does not take --${flagWord(stray)}`, 'roo session keys --help');
    return action.run(context, flags, what ?? '');
  },
});

const FLAG_NAMES = Object.keys(command.flags) as (keyof KeyFlags)[];
