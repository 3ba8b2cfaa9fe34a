// The actions of `roo session keys` about recipients: whose they are, whom new sessions are for; and the way out for a key.

import { resolve } from 'node:path';
import { writeFileAtomically } from '../../atomic-file.ts';
import type { Answer } from '../../output/answer.ts';
import type { Column } from '../../output/column.ts';
import { localTime, size } from '../../output/units.ts';
import { deedsView, rowsView, textView } from '../../output/views.ts';
import type { KeyList, OtherRecipient } from '../../services/SessionKeys.ts';
import { confirm } from '../confirm.ts';
import type { CommandContext } from '../context.ts';
import type { KeyFlags } from './keys-identity.ts';

interface Row {
  role: 'own' | 'other' | 'retired';
  recipient: string;
  name: string | null;
  keptIn: string | null;
  /** When it was made, added or retired. */
  at: string | null;
}

/** Those of the post-quantum kind have two thousand characters. */
const SHOWN_CHARACTERS = 64;

const COLUMNS: Column<Row>[] = [
  { title: 'ROLE', value: (one) => one.role, style: (one) => (one.role === 'retired' ? 'dim' : 'green') },
  { title: 'NAME', value: (one) => one.name },
  { title: 'KEPT_IN', value: (one) => one.keptIn },
  { title: 'AT', value: (one) => one.at, shown: (one) => (one.at === null ? '' : localTime(one.at)), dropOrder: 1 },
  { title: 'RECIPIENT', value: (one) => one.recipient, shown: (one) => shown(one.recipient), widthMin: 12 },
];

export async function listKeys(context: CommandContext): Promise<Answer> {
  const rows = rowsOf((await context.services.keys()).list());
  const empty = 'There is no identity yet: roo session keys create';
  return { data: {}, list: { key: 'recipients', items: rows }, view: rowsView(COLUMNS, rows, empty) };
}

export async function exportKey(context: CommandContext, flags: KeyFlags): Promise<Answer | null> {
  const keys = await context.services.keys();
  if (flags.secret) {
    const action = 'give out the secret key of your identity';
    if (!(await confirm(context, { action, op: 'export key', yes: flags.yes }))) return null;
  }
  const text = flags.secret ? await keys.exportIdentity() : `${await keys.knownRecipient()}\n`;
  if (flags.output === undefined || flags.output === '-') {
    return { data: flags.secret ? { identity: text } : { recipient: text.trimEnd() }, view: textView(() => [text]) };
  }
  const path = resolve(context.system.cwd, flags.output);
  const bytes = await writeFileAtomically(path, [text]);
  const what = flags.secret ? 'identity' : 'recipient';
  return {
    data: { path, bytes },
    view: deedsView(
      [
        { title: 'PATH', value: () => path },
        { title: 'BYTES', value: () => bytes },
      ],
      [path],
      () => `wrote the ${what} to ${path} (${size(bytes)})`,
    ),
  };
}

export async function addRecipient(context: CommandContext, flags: KeyFlags, recipient: string): Promise<Answer> {
  const added = await (await context.services.keys()).addRecipient(recipient, flags.name ?? null);
  context.report.note('for new sessions; let them into older ones with roo session share');
  return answerOf(added, (who) => `new sessions are for ${who} too`);
}

export async function removeRecipient(context: CommandContext, _flags: KeyFlags, named: string): Promise<Answer> {
  const removed = await (await context.services.keys()).removeRecipient(named);
  context.report.note('they can still read what was encrypted for them');
  return answerOf(removed, (who) => `new sessions are no longer for ${who}`);
}

function answerOf(other: OtherRecipient, say: (who: string) => string): Answer {
  const columns: Column<OtherRecipient>[] = [
    { title: 'NAME', value: (one) => one.name },
    { title: 'RECIPIENT', value: (one) => one.recipient },
  ];
  return {
    data: { recipient: other },
    view: deedsView(columns, [other], (one) => say(one.name ?? shown(one.recipient))),
  };
}

function rowsOf({ own, createdAt, retired, others }: KeyList): Row[] {
  const mine: Row[] = own
    ? [{ role: 'own', recipient: own.recipient, name: null, keptIn: own.keptIn, at: createdAt }]
    : [];
  return [
    ...mine,
    ...others.map(({ recipient, name, addedAt }): Row => ({
      role: 'other',
      recipient,
      name,
      keptIn: null,
      at: addedAt,
    })),
    ...retired.map(({ recipient, at }): Row => ({ role: 'retired', recipient, name: null, keptIn: null, at })),
  ];
}

function shown(recipient: string): string {
  return recipient.length > SHOWN_CHARACTERS ? `${recipient.slice(0, 24)}…${recipient.slice(-8)}` : recipient;
}
