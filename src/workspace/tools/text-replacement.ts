// Replaces a piece of a text that has to be found exactly. Models write \n whatever the file has, so line ends are
// taken as the file's; nothing else is guessed, because a wrong guess is a wrong edit.

export interface Replacement {
  text: string;
  /** Line, counted from 1, at which each replaced piece began. */
  lines: number[];
}

/** Places of `oldText`, at most `placesMax`, and the text with all of them replaced. */
export function replaced(text: string, oldText: string, newText: string): Replacement {
  const [wanted, put] = inLineEndsOf(text, oldText, newText);
  const pieces: string[] = [];
  const lines: number[] = [];
  let line = 1;
  let done = 0;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, done)) {
    const before = text.slice(done, at);
    line += breaksIn(before);
    lines.push(line);
    line += breaksIn(wanted);
    pieces.push(before, put);
    done = at + wanted.length;
  }
  pieces.push(text.slice(done));
  return { text: pieces.join(''), lines };
}

/** In a file of \r\n both texts get them; in a mixed one only when the piece is not there as it came. */
function inLineEndsOf(text: string, oldText: string, newText: string): [string, string] {
  if (!text.includes('\r\n')) return [oldText, newText];
  const isMixed = /(?<!\r)\n/.test(text);
  if (isMixed && text.includes(oldText)) return [oldText, newText];
  return [withCrlf(oldText), withCrlf(newText)];
}

function withCrlf(text: string): string {
  return text.replace(/\r?\n/g, '\r\n');
}

function breaksIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
