// Colours, and when to use none. https://no-color.org and https://force-color.org say how the variables are read.

import { styleText } from 'node:util';

export type StyleName = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'underline';
export type Style = (name: StyleName, text: string) => string;

export const plainStyle: Style = (_name, text) => text;
const colourStyle: Style = (name, text) => styleText(name, text, { validateStream: false });

type Environment = Readonly<Record<string, string | undefined>>;

/** The flag wins over NO_COLOR, which wins over FORCE_COLOR, which wins over what the stream is. */
export function styleFor(stream: { isTTY?: boolean }, env: Environment, noColor: boolean): Style {
  if (noColor || (env['NO_COLOR'] ?? '') !== '') return plainStyle;
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '0' && force !== 'false') return colourStyle;
  if (force !== undefined || env['TERM'] === 'dumb') return plainStyle;
  return stream.isTTY === true ? colourStyle : plainStyle;
}
