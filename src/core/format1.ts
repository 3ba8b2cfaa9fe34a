// The story's Session, as documents of format 1 hold it, into records: who it is, and everything beside its messages.
// Other programs write this format too, so every field may be missing or of another kind; what has no place in our
// records is kept as a `custom` record.

import type { LooseObject } from './loose-values.ts';
import {
  defined,
  isLooseObject,
  looseList,
  looseNumber,
  looseObject,
  looseText,
  looseTexts,
  looseTime,
  otherFields,
} from './loose-values.ts';
import { checkRecord } from './foreign-record-check.ts';
import type { Context, Files, Link, MetaRecord, NewRecord, Origin, Project, State } from './record.ts';

/** Version that we write; a document of a higher major version is not read. */
export const FORMAT1_VERSION = '1.0';

export interface Format1Facts {
  /** As it stands in the document, not checked; undefined when there is none. */
  id: string | undefined;
  name: string | undefined;
  createdAt: string | undefined;
  updatedAt: string | undefined;
  project: Project;
  /** Only where one of ours wrote the document. */
  origin: Origin | undefined;
}

export function factsOfSession(session: LooseObject): Format1Facts {
  const metadata = looseObject(session['metadata']);
  const path = looseText(looseObject(session['state'])['workingDirectory']) ?? '';
  const project = looseObject(metadata['project']);
  const origin = looseObject(metadata['origin']);
  return {
    id: looseText(session['id']),
    name: looseText(session['name']),
    createdAt: looseTime(metadata['createdAt']),
    updatedAt: looseTime(metadata['updatedAt']),
    project: {
      path: looseText(project['path']) ?? path,
      ...defined({ gitRoot: looseText(project['gitRoot']), gitRemote: looseText(project['gitRemote']) }),
    },
    origin: ORIGINS.has(origin['kind']) && typeof origin['agent'] === 'string' ? (origin as never) : undefined,
  };
}

const ORIGINS: ReadonlySet<unknown> = new Set(['human', 'headless', 'subagent', 'import', 'fork']);

/**
 * The records of all that is no message, in an order that may stand behind the messages. A name that only repeats the
 * first prompt was never given by anybody, and is left out.
 */
export function recordsOfState(session: LooseObject, firstPrompt: string | undefined): NewRecord[] {
  const history = looseObject(session['history']);
  const { updatedAt } = factsOfSession(session);
  const records = [
    contextRecord(history['context']),
    ...looseList(history['checkpoints']).map(checkpointRecord),
    compactionRecord(history['compaction']),
    ...looseList(session['tools']).map(toolRecord),
    ...stateRecords(session['state']),
    filesRecord(session['files']),
    configRecord(session['config']),
    metaRecord(session, firstPrompt),
    strangeRecord(session, history),
  ].filter((record) => record !== undefined);
  return records.map((record) => {
    const timed = { ...record, ...defined({ at: record.at ?? updatedAt }) };
    // What cannot be used as what it says it is stays as what it is.
    return checkRecord(timed) === null
      ? timed
      : { ...defined({ at: updatedAt }), type: 'custom', kind: `format1:${record.type}`, value: record };
  });
}

function contextRecord(context: unknown): NewRecord | undefined {
  if (!isLooseObject(context) || Object.keys(context).length === 0) return undefined;
  return { type: 'context', context: context as Context };
}

function checkpointRecord(value: unknown): NewRecord | undefined {
  if (!isLooseObject(value)) return undefined;
  const { timestamp, description, messageId, ...rest } = value;
  return {
    ...rest,
    ...defined({ at: looseTime(timestamp) }),
    type: 'checkpoint',
    description: looseText(description) ?? '',
    messageId: looseText(messageId) ?? null,
  } as NewRecord;
}

function compactionRecord(value: unknown): NewRecord | undefined {
  return isLooseObject(value) ? ({ ...value, type: 'compaction' } as unknown as NewRecord) : undefined;
}

/** Uses are counted again from the calls, so only what goes beyond them needs a record. */
function toolRecord(value: unknown): NewRecord | undefined {
  const { toolName, configuration, cache, lastUsed, usageCount, ...rest } = looseObject(value);
  if (typeof toolName !== 'string') return undefined;
  return {
    ...rest,
    type: 'tool-state',
    toolName,
    ...(configuration !== undefined && configuration !== null && { configuration }),
    ...(cache !== undefined && cache !== null && { cache }),
    ...defined({ lastUsed: looseTime(lastUsed), usageCount: looseNumber(usageCount) }),
  } as NewRecord;
}

/** Key by key: one that is of another kind than it should be does not take the others with it. */
function stateRecords(state: unknown): NewRecord[] {
  const entries = Object.entries(looseObject(state));
  const patch = Object.fromEntries(entries.filter(isUsableState)) as Partial<State>;
  const strange = entries.filter((entry) => !isUsableState(entry));
  return [
    ...(Object.keys(patch).length > 0 ? [{ type: 'state' as const, patch }] : []),
    ...(strange.length > 0
      ? [{ type: 'custom' as const, kind: 'format1:state', value: Object.fromEntries(strange) }]
      : []),
  ];
}

function isUsableState([key, value]: [string, unknown]): boolean {
  return checkRecord({ type: 'state', patch: Object.fromEntries([[key, value]]) }) === null;
}

function filesRecord(value: unknown): NewRecord | undefined {
  const { workingDirectory: _inState, lastScanTime, ...rest } = looseObject(value);
  const files = { ...rest, ...defined({ lastScanTime: looseTime(lastScanTime) }) } as Files;
  return Object.keys(files).length === 0 ? undefined : { type: 'files', files };
}

function configRecord(config: unknown): NewRecord | undefined {
  if (!isLooseObject(config) || Object.keys(config).length === 0) return undefined;
  return { type: 'config', patch: config };
}

function metaRecord(session: LooseObject, firstPrompt: string | undefined): NewRecord | undefined {
  const name = looseText(session['name']);
  const isDerived = name === firstPrompt || /^session [0-9a-f]{8}$/.test(name ?? '');
  const metadata = looseObject(session['metadata']);
  const links = looseList(metadata['links']).filter(isLink);
  const tags = looseTexts(metadata['tags']) ?? [];
  const { status } = metadata;
  const meta: Extract<NewRecord, { type: 'meta' }> = {
    type: 'meta',
    ...defined({
      name: isDerived ? undefined : name,
      description: looseText(session['description']),
      status: STATUSES.has(status) ? (status as MetaRecord['status']) : undefined,
      outcome: looseText(metadata['outcome']),
    }),
    ...(tags.length > 0 && { addTags: tags }),
    ...(links.length > 0 && { addLinks: links }),
    ...(metadata['archived'] === true && { archived: true }),
  };
  return Object.keys(meta).length > 1 ? meta : undefined;
}

const STATUSES: ReadonlySet<unknown> = new Set(['active', 'paused', 'completed', 'aborted']);

function isLink(value: unknown): value is Link {
  return checkRecord({ type: 'meta', addLinks: [value] }) === null;
}

const SESSION_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'name',
  'description',
  'metadata',
  'state',
  'history',
  'tools',
  'files',
  'config',
]);
const METADATA_FIELDS: ReadonlySet<string> = new Set([
  'createdAt',
  'updatedAt',
  'lastAccessedAt',
  'version',
  'tags',
  'duration',
  'commandCount',
  'status',
  'outcome',
  'links',
  'project',
  'origin',
  'archived',
]);
const HISTORY_FIELDS: ReadonlySet<string> = new Set(['messages', 'context', 'checkpoints', 'compaction']);

/** Fields that this version has no word for. */
function strangeRecord(session: LooseObject, history: LooseObject): NewRecord | undefined {
  const status = looseObject(session['metadata'])['status'];
  const value = defined({
    session: otherFields(session, SESSION_FIELDS),
    metadata: otherFields(looseObject(session['metadata']), METADATA_FIELDS),
    history: otherFields(history, HISTORY_FIELDS),
    status: status === undefined || STATUSES.has(status) ? undefined : status,
  });
  return Object.keys(value).length === 0 ? undefined : { type: 'custom', kind: 'format1:fields', value };
}
