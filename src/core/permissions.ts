// Which tool calls may run: rules of the form TOOL or TOOL:PATTERN under deny, ask and allow. The strictest rule that
// fits decides; without one, reading is allowed and everything else is asked about.

import type { ToolEffect } from './tool.ts';

export interface Permissions {
  allow: readonly string[];
  ask: readonly string[];
  deny: readonly string[];
}

export const NO_PERMISSIONS: Permissions = { allow: [], ask: [], deny: [] };

export interface Deed {
  tool: string;
  effect: ToolEffect;
  /** Path, command line, or arguments. */
  subject: string;
}

export interface Verdict {
  decision: 'allow' | 'ask' | 'deny';
  /** The rule that decided; null where none fits. */
  rule: string | null;
}

export function judge(deed: Deed, permissions: Permissions): Verdict {
  for (const decision of ['deny', 'ask', 'allow'] as const) {
    const rule = permissions[decision].find((one) => fits(one, deed, decision));
    if (rule !== undefined) return { decision, rule };
  }
  return { decision: deed.effect === 'read' ? 'allow' : 'ask', rule: null };
}

/** Both together: what either denies or asks about stays so, and either may allow. */
export function joined(a: Permissions, b: Permissions): Permissions {
  return { allow: [...a.allow, ...b.allow], ask: [...a.ask, ...b.ask], deny: [...a.deny, ...b.deny] };
}

/** The rules among a session's preferences. Throws nothing: what is no list of texts is as if it were not there. */
export function permissionsIn(config: Readonly<Record<string, unknown>>): Permissions {
  const rules = (key: keyof Permissions): string[] => {
    const value = config[`permissions.${key}`];
    return Array.isArray(value) ? value.filter((rule) => typeof rule === 'string') : [];
  };
  return { allow: rules('allow'), ask: rules('ask'), deny: rules('deny') };
}

/** The rule that covers a deed and nothing else. */
export function ruleFor({ tool, subject }: Deed): string {
  return subject === '' ? tool : `${tool}:${escaped(subject)}`;
}

function fits(rule: string, { tool, effect, subject }: Deed, decision: Verdict['decision']): boolean {
  const colon = rule.indexOf(':');
  const [name, pattern] = colon < 0 ? [rule, null] : [rule.slice(0, colon), rule.slice(colon + 1)];
  if (!globOf(name, '[\\s\\S]*').test(tool)) return false;
  if (pattern === null || pattern === '*' || pattern === '**') return true;
  // Refusing errs on the side of too much: every part of a joined command counts.
  if (decision !== 'allow') return [subject, ...commandsIn(subject)].some((one) => globOf(pattern, ANY).test(one));
  if (effect === 'run') return globOf(pattern, ONE_COMMAND).test(subject);
  // `src/**` must not reach out of src.
  const leadsOut = subject.split(/[/\\]/).includes('..') && !pattern.includes('..');
  return !leadsOut && globOf(pattern, ANY).test(subject);
}

const ANY = '[\\s\\S]*';
/** What a `*` of an allowed command stands for: never the beginning of a second command, or a redirection. */
const ONE_COMMAND = '[^;&|<>`$()\\n\\r]*';

/** A pattern as a regular expression: `*` within a folder, `**` over folders; in commands they are the same. */
function globOf(pattern: string, any: string): RegExp {
  const source = pattern.replaceAll(/\\([\s\S])|(\*{1,2})|([\s\S])/g, (_all, literal, stars, other) => {
    if (stars !== undefined) return stars === '*' && any === ANY && pattern.includes('/') ? '[^/]*' : any;
    return quoted(literal ?? other);
  });
  return new RegExp(`^${source}$`, 'u');
}

function quoted(character: string): string {
  return /[\^$\\.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character;
}

function escaped(subject: string): string {
  return subject.replaceAll(/[\\*]/g, '\\$&');
}

function commandsIn(subject: string): string[] {
  return subject
    .split(/[;&|\n\r]+|\$\(|`/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
