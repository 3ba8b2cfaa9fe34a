// The tables of the index. There are no migrations: a file of another version is thrown away and made anew from the
// logs, so any change here or in text-form.ts only has to raise the version.

import type { DatabaseSync } from 'node:sqlite';

export const SCHEMA_VERSION = 2;

/** Text that one transaction takes in: a few tenths of a second, the longest that others wait for the write lock. */
export const BATCH_BYTES = 16_000_000;

// `session.no` is a hash of the id, so that sessions of the same millisecond sort alike after every rebuild.
// `listed` is 1 for what the default list shows; its partial indexes stay small beside 100,000 subagents.
// `due` marks sessions whose texts are not all in `words`. `sum` is a checksum of the shown columns: SQLite notices a
// zeroed page of a table by itself, but not a zeroed continuation of a long value. `sealed` holds the words of an
// encrypted session, whose other columns of words are empty or hashes: see sealed-words.ts.
const CATALOGUE = `
  CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE session(
    no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sum INTEGER NOT NULL, listed INTEGER NOT NULL,
    due INTEGER NOT NULL, project_hash INTEGER NOT NULL, name_key TEXT NOT NULL,
    name TEXT, description TEXT, status TEXT, outcome TEXT, tags TEXT, project TEXT, directory TEXT,
    created_ms INTEGER, updated_ms INTEGER, accessed_ms INTEGER, duration_ms INTEGER,
    commands INTEGER, messages INTEGER, tool_calls INTEGER, tokens_in INTEGER, tokens_out INTEGER, tokens INTEGER,
    cost REAL, size INTEGER, mtime_ms INTEGER, agent TEXT, origin TEXT, origin_id TEXT,
    encrypted INTEGER, archived INTEGER, health TEXT, links TEXT, fork_of TEXT, conflict_of TEXT, sealed TEXT);
  CREATE INDEX session_updated ON session(updated_ms) WHERE listed = 1;
  CREATE INDEX session_project ON session(project_hash, updated_ms) WHERE listed = 1;
  CREATE INDEX session_created ON session(created_ms) WHERE listed = 1;
  CREATE INDEX session_name ON session(name_key);
  CREATE INDEX session_size ON session(size) WHERE listed = 1;
  CREATE INDEX session_messages ON session(messages) WHERE listed = 1;
  CREATE INDEX session_origin ON session(origin_id) WHERE origin_id IS NOT NULL;
  CREATE INDEX session_due ON session(no) WHERE due = 1;
  CREATE INDEX session_encrypted ON session(no) WHERE encrypted = 1;
  CREATE TABLE tag(tag TEXT, session INTEGER, PRIMARY KEY(tag, session)) WITHOUT ROWID;`;

// Every text has an ordinal, given in the order of indexing; its row number in the full-text tables is
// 4 × ordinal + role, so that a role is asked for without a column. A row per text would cost as much again as the
// words of short messages: instead `run` says whose the ordinals of a range are, and `span`, once for about 32 texts or 16 KB,
// where reading the log leads to the text of an ordinal. `indexed` is how far a session has been read; `crc` is over
// its words in order, so that words are only ever taken out again exactly as they were put in.
const TEXTS = `
  CREATE TABLE indexed(
    no INTEGER PRIMARY KEY, generation TEXT, part INTEGER, offset INTEGER, seq INTEGER, calls TEXT,
    texts INTEGER, crc INTEGER);
  CREATE TABLE run(first INTEGER PRIMARY KEY, last INTEGER, session INTEGER);
  CREATE INDEX run_session ON run(session);
  CREATE TABLE span(first INTEGER PRIMARY KEY, part INTEGER, offset INTEGER, seq INTEGER, from_ms INTEGER, to_ms INTEGER);`;

// Positions are kept (detail=full), because a phrase, a path and an identifier are all phrases, and checking them by
// reading logs again would make every query as slow as its commonest word. What pays for them: no text is stored
// (content=''), no lengths (columnsize=0), which only bm25 would use, and one column for everything (text-words.ts).
// Measured on 500-byte messages: 32 % of the text, against 34 % with lengths, 33 % with columns for tools and files,
// and 24 % without positions. Ranking needs no more, see find-rank.ts.
// The pieces (trigrams) are filled later and only narrow the search down; hits are checked in the log.
const FULL_TEXT = `
  CREATE VIRTUAL TABLE words USING fts5(
    text, content='', columnsize=0, tokenize='unicode61 remove_diacritics 2');
  CREATE VIRTUAL TABLE words_terms USING fts5vocab('words', 'row');
  CREATE VIRTUAL TABLE pieces USING fts5(
    text, content='', columnsize=0, detail=none, tokenize='trigram remove_diacritics 1');`;

// One segment a batch and merging 64 at once writes every posting about twice at any size of store; merging
// piecemeal (automerge) takes a third longer and leaves holes in the file. The large hash halves the time of filling.
const FULL_TEXT_SETTINGS = [
  ['hashsize', 64 * 1024 * 1024],
  ['automerge', 0],
  ['crisismerge', 64],
  ['secure-delete', 1],
] as const;

/** Makes all tables in an empty database. */
export function createSchema(database: DatabaseSync): void {
  database.exec(`BEGIN IMMEDIATE; ${CATALOGUE} ${TEXTS} ${FULL_TEXT}`);
  for (const table of ['words', 'pieces']) {
    for (const [name, value] of FULL_TEXT_SETTINGS) setFullText(database, table, name, value);
  }
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

/** One of the settings or commands of FTS5, which are written as rows. */
export function setFullText(database: DatabaseSync, table: string, name: string, value: number): void {
  // In the text: a number that is bound would arrive as a float, which FTS5 refuses.
  database.exec(`INSERT INTO ${table}(${table}, rank) VALUES('${name}', ${value})`);
}
