// Suggests what a mistyped word was meant to be, as git does.

/** The closest candidates, best first, at most three; empty when nothing is near enough to be a typing mistake. */
export function didYouMean(word: string, candidates: Iterable<string>): string[] {
  const near: { candidate: string; distance: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const distance = candidate.startsWith(word) && word.length >= 2 ? 0.5 : editDistance(word, candidate);
    if (distance <= Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3))) {
      near.push({ candidate, distance });
    }
  }
  near.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  return near.slice(0, 3).map((entry) => entry.candidate);
}

/** A sentence to append to an error, or '' when there is nothing to suggest. */
export function didYouMeanText(word: string, candidates: Iterable<string>, prefix = ''): string {
  const words = didYouMean(word, candidates).map((candidate) => prefix + candidate);
  return words.length === 0 ? '' : `did you mean ${words.join(' or ')}?`;
}

/** Optimal string alignment: insertions, deletions, substitutions and swapped neighbours cost 1 each. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforePrevious[j - 2]! + 1);
      }
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}
