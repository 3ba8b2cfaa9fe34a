// How wide text is on a terminal: East Asian characters and emoji take two columns. Pure ASCII, nearly all there is,
// is counted without loading anything.

type Measure = (text: string) => number;

const ASCII = /^[\x20-\x7e]*$/;

export interface TextWidth {
  width: Measure;
  /** Cuts to at most `columns`, ending in `…`, never inside a character as people see it. */
  truncate(text: string, columns: number): string;
  pad(text: string, columns: number, align: 'left' | 'right'): string;
}

/** Loads string-width only when one of the texts needs it. */
export async function textWidthFor(texts: Iterable<string>): Promise<TextWidth> {
  for (const text of texts) {
    if (ASCII.test(text)) continue;
    const { default: stringWidth } = await import('string-width');
    return makeTextWidth((text) => (ASCII.test(text) ? text.length : stringWidth(text)));
  }
  return asciiWidth;
}

function makeTextWidth(width: Measure): TextWidth {
  const truncate = (text: string, columns: number): string => {
    if (width(text) <= columns) return text;
    if (columns <= 1) return columns === 1 ? '…' : '';
    if (ASCII.test(text)) return `${text.slice(0, columns - 1).trimEnd()}…`;
    let kept = '';
    let used = 0;
    for (const { segment } of new Intl.Segmenter().segment(text)) {
      used += width(segment);
      if (used > columns - 1) break;
      kept += segment;
    }
    return `${kept.trimEnd()}…`;
  };
  const pad = (text: string, columns: number, align: 'left' | 'right'): string => {
    const fill = ' '.repeat(Math.max(0, columns - width(text)));
    return align === 'right' ? fill + text : text + fill;
  };
  return { width, truncate, pad };
}

export const asciiWidth: TextWidth = makeTextWidth((text) => text.length);
