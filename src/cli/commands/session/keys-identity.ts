// The actions of `roo session keys` that make or change an identity. Their answers hold what is public, and nothing else.

import { resolve } from 'node:path';
import { usage } from '../../args/parse-args.ts';
import type { Answer } from '../../output/answer.ts';
import { plural } from '../../output/units.ts';
import { deedsView } from '../../output/views.ts';
import type { OwnRecipient } from '../../services/SessionKeys.ts';
import type { CommandContext } from '../context.ts';

export interface KeyFlags {
  readonly keychain: boolean;
  readonly keyFile: boolean;
  readonly postQuantum: boolean;
  readonly secret: boolean;
  readonly output: string | undefined;
  readonly name: string | undefined;
  readonly newPassphraseFile: string | undefined;
  readonly yes: boolean;
}

const KEPT: Readonly<Record<OwnRecipient['keptIn'], string>> = {
  keychain: 'in the keychain',
  passphrase: 'under a passphrase',
  'key-file': 'as a bare file',
  environment: 'in the file that ROO_IDENTITY names',
};

export async function createKey(context: CommandContext, flags: KeyFlags): Promise<Answer> {
  const protection = protectionOf(flags);
  const keys = await context.services.keys();
  const made = await keys.create({ protection, ...(flags.postQuantum && { kind: 'hybrid' as const }) });
  context.report.note(
    'keep a copy elsewhere (roo session keys export --secret): without it nobody opens your sessions',
  );
  return answerOf('made an identity', made, null);
}

export async function importKey(context: CommandContext, flags: KeyFlags, file: string): Promise<Answer> {
  const protection = protectionOf(flags);
  const keys = await context.services.keys();
  return answerOf(
    'took over the identity',
    await keys.importIdentity(resolve(context.system.cwd, file), { protection }),
    null,
  );
}

export async function rotateKey(context: CommandContext, flags: KeyFlags): Promise<Answer> {
  const keys = await context.services.keys();
  const { previous, current } = await keys.rotate(flags.postQuantum ? { kind: 'hybrid' } : {});
  const storage = await context.services.storage();
  const { rewrapped, left } = await (await storage.encryption()).rewrap(previous.recipient, current.recipient);
  context.report.warn(...left);
  context.report.note(
    `${plural(rewrapped.length, 'session')} can be read with it; the identity of before is kept, and opens what else was encrypted for it`,
  );
  await storage.unlockNames('quietly');
  return answerOf('made a new identity', keys.own()!, previous.recipient);
}

export async function newPassphrase(context: CommandContext, flags: KeyFlags): Promise<Answer> {
  const keys = await context.services.keys();
  const { newPassphraseFile: file } = flags;
  const passphrase = file === undefined ? undefined : keys.passphraseIn(resolve(context.system.cwd, file));
  return answerOf('put the identity', await keys.changePassphrase(passphrase), null);
}

function protectionOf({ keychain, keyFile }: KeyFlags): 'keychain' | 'key-file' | undefined {
  if (keychain && keyFile) throw usage('--keychain and --key-file exclude each other', 'choose one of them');
  if (keychain) return 'keychain';
  return keyFile ? 'key-file' : undefined;
}

function answerOf(deed: string, identity: OwnRecipient, previous: string | null): Answer {
  return {
    data: { identity, ...(previous !== null && { previous }) },
    view: deedsView(
      [
        { title: 'RECIPIENT', value: (one: OwnRecipient) => one.recipient },
        { title: 'KEPT_IN', value: (one: OwnRecipient) => one.keptIn },
      ],
      [identity],
      (one) => `${deed}, ${KEPT[one.keptIn]}; its recipient is ${one.recipient}`,
    ),
  };
}
