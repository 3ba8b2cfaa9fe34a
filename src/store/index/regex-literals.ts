// Texts that every match of a pattern must hold, so that the table of pieces can name the candidates. Understands as
// much as is safe and gives nothing otherwise: a piece too few costs time, a piece too many would lose hits.

/** Runs of literal characters that must occur, in any order; none when the pattern promises nothing. */
export function requiredLiterals(pattern: string): string[] {
  const literals: string[] = [];
  let run = '';
  const end = (): void => {
    if (run !== '') literals.push(run);
    run = '';
  };
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    switch (character) {
      case '|':
        return []; // At this level either side may match.
      case '(':
      case '[':
        end();
        i = character === '(' ? closingParenthesis(characters, i) : closingBracket(characters, i);
        break;
      case '?':
      case '*':
        run = withoutLast(run);
        end();
        break;
      case '{':
        // Also when it is a literal brace: then only this piece is lost.
        run = withoutLast(run);
        end();
        i = Math.max(i, characters.indexOf('}', i));
        break;
      case '+':
      case '.':
      case '^':
      case '$':
        end();
        break;
      case '\\': {
        const next = characters[++i] ?? '';
        if (/[A-Za-z0-9]/.test(next)) {
          end();
          i = endOfEscape(characters, i);
        } else run += next;
        break;
      }
      default:
        run += character;
    }
  }
  end();
  return literals;
}

function withoutLast(run: string): string {
  return [...run].slice(0, -1).join('');
}

/** Behind `\x41`, `\u0041`, `\u{1f600}`, `\p{L}`, `\k<name>`, `\cA` stand characters that are not themselves. */
function endOfEscape(characters: readonly string[], at: number): number {
  const next = characters[at + 1];
  if (next === '{') return Math.max(at, characters.indexOf('}', at));
  if (next === '<') return Math.max(at, characters.indexOf('>', at));
  const lengths: Record<string, number> = { x: 2, u: 4, c: 1 };
  let length = lengths[characters[at]!] ?? 0;
  if (/[0-9]/.test(characters[at]!)) while (/[0-9]/.test(characters[at + length + 1] ?? '')) length++;
  return at + length;
}

/** Index of the bracket that ends a class, or of the end. */
function closingBracket(characters: readonly string[], at: number): number {
  for (let i = at + 1; i < characters.length; i++) {
    if (characters[i] === '\\') i++;
    else if (characters[i] === ']') return i;
  }
  return characters.length;
}

/** Index of the parenthesis that ends a group, or of the end. */
function closingParenthesis(characters: readonly string[], at: number): number {
  let depth = 0;
  for (let i = at; i < characters.length; i++) {
    if (characters[i] === '\\') i++;
    else if (characters[i] === '[') i = closingBracket(characters, i);
    else if (characters[i] === '(') depth++;
    else if (characters[i] === ')' && --depth === 0) return i;
  }
  return characters.length;
}
