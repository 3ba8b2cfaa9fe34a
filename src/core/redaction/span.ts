// A stretch of text that is a secret, and how such stretches come together. Every rule only finds spans; what is done
// about them is decided in one place.

/** UTF-16 places: `start` is the first unit of the secret, `end` the first after it. */
export interface Span {
  start: number;
  end: number;
  rule: string;
}

/** Finds secrets in a text. Spans may overlap, in any order; `report` is called once for each. */
export type Finder = (text: string, report: (span: Span) => void) => void;

/**
 * Spans in order, those that overlap joined: all of them is secret, whatever rule saw which part. The joined span has
 * the rule that was given first, so finders are asked in the order of their trust.
 */
export function joinSpans(spans: readonly Span[]): Span[] {
  const ordered = spans.map((span, trust) => ({ span, trust })).sort((a, b) => a.span.start - b.span.start);
  const joined: { span: Span; trust: number }[] = [];
  for (const { span, trust } of ordered) {
    const last = joined.at(-1);
    if (last === undefined || span.start >= last.span.end) {
      joined.push({ span: { ...span }, trust });
      continue;
    }
    last.span.end = Math.max(last.span.end, span.end);
    if (trust < last.trust) {
      last.span.rule = span.rule;
      last.trust = trust;
    }
  }
  return joined.map(({ span }) => span);
}
