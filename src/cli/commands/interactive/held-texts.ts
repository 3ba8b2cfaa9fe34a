// Texts too long to be edited on a screen: a long paste, a long prompt of the history. The input shows a short stand-in,
// and what is sent is the text itself.

const LINES_MAX = 8;
const CHARACTERS_MAX = 1000;
const STAND_IN = /\[text ([0-9]+): [0-9,]+ (?:lines|characters)\]/g;

export class HeldTexts {
  readonly #texts: string[] = [];

  /** The text, or its stand-in where it is long. Line ends become \n. */
  shorten(text: string): string {
    const plain = text.replaceAll(/\r\n?/g, '\n');
    const lines = plain.split('\n').length;
    if (lines <= LINES_MAX && plain.length <= CHARACTERS_MAX) return plain;
    this.#texts.push(plain);
    const extent = lines > 1 ? `${lines} lines` : `${plain.length} characters`;
    return `[text ${this.#texts.length}: ${extent}]`;
  }

  /** The input with its stand-ins replaced; one that was edited is only words. */
  restore(input: string): string {
    return input.replaceAll(STAND_IN, (standIn, number: string) => this.#texts[Number(number) - 1] ?? standIn);
  }
}
