// Deleting and scrubbing cannot reach everything; saying so is the honest part of them.

/** Nothing when nothing remains. */
export function remainsText(remains: readonly string[]): string {
  return remains.length === 0 ? '' : `; what remains: ${remains.join('; ')}`;
}
