// The best texts of one session, read again from its log: the index holds no text to show.

import { SessionError, warningOf } from '../../core/errors.ts';
import { closeness, snippet } from './find-snippet.ts';
import type { IndexContext } from './index-context.ts';
import type { IndexedText } from './index-source.ts';
import type { Hit } from './text-hits.ts';
import { idOf } from './text-hits.ts';
import type { Matcher } from './text-needle.ts';
import { spanAt, textsFrom } from './text-reader.ts';

/** A place in a session where the query was found. */
export interface FoundText {
  /** Null for the name of a session, and for a result whose call is not known. */
  messageId: string | null;
  role: IndexedText['role'];
  at: string;
  /** Text around the hit; the matched words stand between U+0001 and U+0002. */
  snippet: string;
}

const READ_MAX = 6;
const SHOWN_MAX = 3;

/** Reads the first few of the hits, which come the weightiest first, and shows those that fit best. */
export async function shownHits(context: IndexContext, hits: readonly Hit[], matcher: Matcher): Promise<FoundText[]> {
  const texts = textsOf(context, hits.slice(0, READ_MAX));
  const places = await matcher(texts.map(({ text }) => text));
  return texts
    .flatMap((text, i) => (places[i] ? { text, places: places[i] } : []))
    .sort((a, b) => closeness(b.places) - closeness(a.places))
    .slice(0, SHOWN_MAX)
    .map(({ text: { messageId, role, at, text }, places }) => ({
      messageId,
      role,
      at,
      snippet: snippet(text, places),
    }));
}

/** The texts of hits of one session, in the order of the hits. Hits in one span, as most are, are read together. */
function textsOf(context: IndexContext, hits: readonly Hit[]): IndexedText[] {
  const texts = new Map<number, IndexedText>();
  for (const [i, { database, no, ordinal, run }] of hits.entries()) {
    if (texts.has(ordinal)) continue;
    const span = spanAt(database, ordinal, run);
    const wanted = new Set(hits.slice(i).flatMap((hit) => (hit.ordinal <= span.last ? hit.ordinal : [])));
    try {
      for (const found of textsFrom(context, database, { no, id: idOf(database, no) }, span, Math.max(...wanted))) {
        if (wanted.has(found.ordinal)) texts.set(found.ordinal, found.text);
      }
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      context.warn(warningOf(error));
    }
  }
  return hits.flatMap(({ ordinal }) => texts.get(ordinal) ?? []);
}
