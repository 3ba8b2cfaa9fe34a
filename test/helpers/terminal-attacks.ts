// Texts that steer a terminal when it prints them: each moves the cursor, talks back, changes the title or the
// clipboard, hides what is there or makes it read as something else.

const ESC = '\u001b';
const ST = `${ESC}\\`;

export const ATTACKS: Readonly<Record<string, string>> = {
  'clear the screen': `${ESC}[2J${ESC}[H`,
  'move the cursor up and erase': `${ESC}[1A${ESC}[2K`,
  'colour that does not end': `${ESC}[31;5;7m`,
  'hidden text': `${ESC}[8mhidden${ESC}[28m`,
  'the alternate screen': `${ESC}[?1049h`,
  'no cursor': `${ESC}[?25l`,
  'bracketed paste': `${ESC}[200~id${ESC}[201~`,
  'mouse reports': `${ESC}[?1000h`,
  'device attributes, answered as if typed': `${ESC}[c`,
  'cursor position, answered as if typed': `${ESC}[6n`,
  'the title, reported as if typed': `${ESC}[21t`,
  'a window moved': `${ESC}[3;0;0t`,
  'a scroll region': `${ESC}[1;2r`,
  'a reset': `${ESC}c`,
  'another character set': `${ESC}(0`,
  'an alignment screen': `${ESC}#8`,
  'keys of an application': `${ESC}=`,
  'a title': `${ESC}]0;owned\u0007`,
  'a title with a string terminator': `${ESC}]2;owned${ST}`,
  'a link that lies': `${ESC}]8;;https://evil.example/${ST}https://good.example/${ESC}]8;;${ST}`,
  'the clipboard': `${ESC}]52;c;cm0gLXJmIH4K\u0007`,
  'colours asked for': `${ESC}]10;?\u0007`,
  'a notification': `${ESC}]9;pay now\u0007`,
  'a file of iTerm': `${ESC}]1337;File=name=eA==:eA==\u0007`,
  'a device control string': `${ESC}P$qm${ST}`,
  'a sixel': `${ESC}Pq#0;2;0;0;0~-${ST}`,
  'a tmux passthrough': `${ESC}Ptmux;${ESC}${ESC}]0;x\u0007${ST}`,
  'an application command': `${ESC}_Gf=100;AAAA${ST}`,
  'a privacy message': `${ESC}^secret${ST}`,
  'a start of string': `${ESC}Xstring${ST}`,
  'a C1 sequence': '\u009b31m',
  'a C1 title': '\u009d0;owned\u009c',
  'a C1 device control string': '\u0090q\u009c',
  'a C1 application command': '\u009fG\u009c',
  'a bare escape at the end': `end${ESC}`,
  'half a sequence': `${ESC}[`,
  'an unfinished title': `${ESC}]0;never`,
  'a line written over': 'rm -rf /\rls       ',
  'letters taken back': 'rm -rf /\b\b\b\b\b\b\b\bls      ',
  bells: '\u0007\u0007\u0007',
  'form feeds and vertical tabs': '\f\v',
  'another shift': '\u000e\u000f',
  NUL: 'a\u0000b',
  DEL: 'a\u007fb',
  'a right-to-left override': 'invoice\u202efdp.exe',
  'an embedding': '\u202ax\u202c\u202bx\u202c',
  isolates: '\u2066a\u2069\u2067b\u2069\u2068c\u2069',
  'marks of direction': '\u200ea\u200fb\u061cc',
  'line separators': 'a\u2028b\u2029c',
  'half a character': 'a\ud83db',
  'a line that passes for another': 'ok\nroo: all is well\r\n\thint: none',
  'marks on top of each other': `a${'\u0300\u0489'.repeat(40)}`,
};

/** All of them in one text, beginning with another one for each number, so that a cut cell shows every one once. */
export function attackText(number: number): string {
  const all = Object.values(ATTACKS);
  const at = number % all.length;
  return [...all.slice(at), ...all.slice(0, at)].join('~');
}

/** What no output may hold: C0 but tab and line feed, DEL, C1, controls of direction, separators of lines. */
const STEERING =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Cs}/u;

/** The first character that steers a terminal, with what stands around it; null where there is none. */
export function steeringIn(text: string): string | null {
  const at = text.search(STEERING);
  return at < 0 ? null : JSON.stringify(text.slice(Math.max(0, at - 80), at + 40));
}

/** Without what roo itself sends to a terminal: colours, and a line of progress taken away. */
export function withoutOwnSequences(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll('\r\u001b[2K', '').replace(/\u001b\[[0-9;]*m/g, '');
}
