// Credentials in command lines and in files of single-word settings, where no name stands beside them: `curl -u`,
// `mysql -p…`, netrc, `openssl -passin pass:…`.

import { isExample } from './secret-likeness.ts';
import type { Finder } from './span.ts';

/** The command, and what to look for in the rest of its line. The secret is the last group. */
const COMMANDS: readonly { name: RegExp; options: readonly RegExp[] }[] = [
  {
    name: /^(?:curl|http|https|xh|wget)$/,
    options: [/\s(?:-u|--user|--proxy-user|-U|-a|--auth)[= ]?["']?[^\s:"']{1,80}:([^\s"']{3,200})/g],
  },
  {
    name: /^(?:mysql|mysqldump|mysqladmin|mariadb)$/,
    options: [/\s-p([^\s"']{3,100})/g, /\s-p["']([^"']{3,100})["']/g],
  },
  {
    name: /^(?:sshpass|docker|podman|az|oc|helm|mongosh?|mongodump|sqlcmd|rclone|ansible|7z|zip|unzip|cqlsh|skopeo|buildah)$/,
    options: [/\s-(?:p|P)[= ]?["']?([^\s"'-][^\s"']{3,100})/g],
  },
  { name: /^redis-cli$/, options: [/\s-a[= ]?["']?([^\s"']{3,100})/g] },
  { name: /^(?:ldapsearch|ldapmodify|ldapadd)$/, options: [/\s-w[= ]?["']?([^\s"']{3,100})/g] },
  { name: /^(?:smbclient|rpcclient|net)$/, options: [/\s-U[= ]?["']?[^\s%"']{1,60}%([^\s"']{3,100})/g] },
  { name: /^openssl$/, options: [/\s-(?:pass|passin|passout|k)[= ]?["']?(?:pass:)?([^\s"':-][^\s"':]{3,100})/g] },
  { name: /^htpasswd$/, options: [/\s-\w*b\w*\s+\S+\s+\S+\s+["']?([^\s"']{3,100})/g] },
  { name: /^sqlplus$/, options: [/\s[\w.]{1,60}\/([^\s@"'/]{3,100})(?=[@\s]|$)/g] },
  { name: /^login$/, options: [/^\s+\S{1,100}\s+password\s+([^\s"']{3,200})/g] },
];
const COMMAND =
  /\b(?:curl|https?|xh|wget|mysql|mysqldump|mysqladmin|mariadb|sshpass|docker|podman|az|oc|helm|mongosh?|mongodump|sqlcmd|rclone|ansible|7z|zip|unzip|cqlsh|skopeo|buildah|redis-cli|ldapsearch|ldapmodify|ldapadd|smbclient|rpcclient|net|openssl|htpasswd|sqlplus|login)(?=\s)/g;
/** A command line longer than this is looked at in its beginning only. */
const LINE_CHARACTERS_MAX = 400;
/** So many commands are looked for in one such line: it may be made of nothing else. */
const COMMANDS_MAX = 8;
const NO_PORT = /^(?:\d{1,5}(?::\d{1,5})?(?:\/tcp|\/udp)?|\d+\.\d+\.\d+\.\d+:[\d:]+)$/;

export const commandLineFinder: Finder = (text, report) => {
  COMMAND.lastIndex = 0;
  let lineEnd = 0;
  let commands = 0;
  for (let hit = COMMAND.exec(text); hit !== null; hit = COMMAND.exec(text)) {
    const start = COMMAND.lastIndex;
    if (start >= lineEnd) commands = 0;
    if (++commands > COMMANDS_MAX) {
      COMMAND.lastIndex = lineEnd;
      continue;
    }
    const line = restOfLine(text, start, hit[0] === 'login');
    if (start >= lineEnd) lineEnd = start + line.length;
    const options = COMMANDS.find(({ name }) => name.test(hit[0]))!.options;
    for (const option of options) {
      for (const found of line.matchAll(option)) {
        const secret = found.at(-1)!;
        if (isExample(secret) || NO_PORT.test(secret) || /^[A-Za-z]:|[/\\]/.test(secret.slice(0, 3))) continue;
        const end = start + found.index + found[0].lastIndexOf(secret) + secret.length;
        report({ start: end - secret.length, end, rule: 'command-line' });
        COMMAND.lastIndex = Math.max(COMMAND.lastIndex, end);
      }
    }
  }
};

/** To the line's end, to the next command, or over `\` to the next line; netrc writes its two words on two lines. */
function restOfLine(text: string, start: number, spansLines: boolean): string {
  const part = text.slice(start, start + LINE_CHARACTERS_MAX);
  if (spansLines) return /^[ \t]+\S{1,100}(?:\r?\n)?[ \t]+[^\n]*/.exec(part)?.[0] ?? '';
  return /^[^\n|&]*/.exec(part)![0];
}
