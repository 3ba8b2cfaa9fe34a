// Decides whether the value beside a telling name is a secret. The name says how much proof the value must bring.

import { placeholderPattern } from './placeholder.ts';
import { entropyBits, isBenignShape, isExample, isName, isPlace } from './secret-likeness.ts';
import type { NameKind } from './secret-names.ts';
import type { ReadValue } from './value-reader.ts';

const PASSWORD_CHARACTERS_MIN = 4;
const BARE_PASSWORD_CHARACTERS_MIN = 6;
const STRONG_CHARACTERS_MIN = 8;
const WEAK_CHARACTERS_MIN = 20;
const WEAK_ENTROPY_BITS_MIN = 3.6;
/** Code: a call, a property, an index, an operator. */
const CODE =
  /^(?:[A-Za-z_$][\w$]*(?:\.|::|\?\.|->)[A-Za-z_$]|!?[A-Za-z_$][\w$.]*[([]|new$|await$|function|lambda|\d{1,3}$|0x[0-9A-Fa-f]{1,8}$)/;
/** `certs[0]` and `load(name)`, in an assignment that looks like a variable of the environment. */
const CODE_LINE = /^[A-Za-z_][\w.]*(?:\[(?:\w*\].*)?|\((?:.*\),?)?)$/;
/** Lists hold names beside names. */
const LISTED_NAME = /^.{1,7}$|^[a-z]+\d{0,3}(?:[_-][a-z0-9]+)*$/;
const HASH_START = /^(?:sha\d+|md5|h1)[-:=]/i;
const WORDS_AND_NUMBERS = /^[A-Za-z]*(?:[-_./][A-Za-z]{2,}|[-_./]v?\d{1,8})*$/;
const MACHINE_MADE_CHARACTERS_MIN = 16;
const LABEL =
  /^(?:pass|pwd|mot\b|contra|kenn|secret|token|enter|please|must|invalid|wrong|forgot|the |at least|confirm|show|hide)/i;

/** True when the value is to be redacted. `next` is the character after it. */
export function isSecretValue(kind: NameKind, value: string, read: ReadValue, next: string): boolean {
  // What a placeholder stands for is gone already; what somebody glued to one is looked at as if it were not there.
  const judged = value.includes('[REDACTED:') ? value.replace(placeholderPattern(), '') : value;
  // The cheap questions first: most values are no secret by their length or letters already.
  if (!isShapedLikeSecret(kind, judged, read)) return false;
  if (
    read.setting === 'bare' &&
    (next === '(' || next === '[' || (CODE.test(judged) && !isDottedKey(judged)) || isIdentifier(judged))
  )
    return false;
  // Arguments and columns: a name and its value, or two values that have nothing to do with each other.
  if (read.separator === ',' && !isMachineMade(judged)) return false;
  if (read.separator === '",' && (read.setting === 'bare' || !isMixed(judged) || LISTED_NAME.test(judged)))
    return false;
  if (read.setting === 'whole' && CODE_LINE.test(judged)) return false;
  if (read.separator === '|' && !isTypedSecret(judged)) return false;
  if (read.separator === '(' && !(isMixed(judged) && /[0-9]/.test(judged))) return false;
  return !isPlace(judged) && !isExample(judged);
}

function isShapedLikeSecret(kind: NameKind, value: string, read: ReadValue): boolean {
  switch (kind) {
    case 'password':
      return isPassword(value, read);
    case 'strong':
      return isStrongSecret(value);
    case 'token':
      return isMachineMade(value);
    case 'weak':
      return isWeakSecret(value);
    case 'none':
      return false;
  }
}

function isPassword(value: string, { setting, separator }: ReadValue): boolean {
  if (value.length < PASSWORD_CHARACTERS_MIN) return false;
  if (/\s/.test(value)) return value.length <= 64 && /[0-9]/.test(value) && !LABEL.test(value);
  if (LABEL.test(value) && isName(value)) return false;
  if (setting !== 'bare' || separator === ' ') return !isCamelName(value);
  return value.length >= BARE_PASSWORD_CHARACTERS_MIN && /[0-9!@#%^*+~]/.test(value) && !isName(value);
}

function isStrongSecret(value: string): boolean {
  if (value.length < STRONG_CHARACTERS_MIN || /\s/.test(value)) return false;
  if (isName(value)) return isJumble(value);
  if (HASH_START.test(value) || /^[\d.,:/-]+$/.test(value)) return false;
  if (value.length < 32 && /^[a-z]+(?:[-_./:][a-z]+)*[-_]?v?\d{0,4}(?:[-_./:][a-z]+)*$/.test(value)) return false;
  return isMixed(value);
}

/** Long, mixed and in no words: what nobody would type. Hashes are too, so the name must say that it is none. */
export function isMachineMade(value: string): boolean {
  if (value.length < MACHINE_MADE_CHARACTERS_MIN || !/^[\w+/=.~-]+$/.test(value)) return false;
  if (HASH_START.test(value) || WORDS_AND_NUMBERS.test(value) || isPlace(value)) return false;
  if (/[A-Z]/.test(value) && /[a-z]/.test(value) && wordCharacters(value) >= 3.2) return false;
  return (value.match(/[0-9]/g)?.length ?? 0) >= 3 && /[A-Za-z]/.test(value) && entropyBits(value) >= 2.7;
}

/** What a machine made, or a person who was told to use all kinds of letters. */
export function isTypedSecret(value: string): boolean {
  if (isMachineMade(value)) return true;
  const hasAllKinds = /[a-z]/.test(value) && /[A-Z]/.test(value) && /[0-9]/.test(value);
  if (!hasAllKinds || value.length < 8 || value.length > 200 || /\s/.test(value)) return false;
  return wordCharacters(value) < 3.2 && !isPlace(value) && !isExample(value);
}

/** Keys in parts, which look like properties of something. */
function isDottedKey(value: string): boolean {
  return value.length >= 24 && /^[\w.:-]+$/.test(value) && isMachineMade(value) && entropyBits(value) >= 3.6;
}

/** Letters with digits or signs, as nobody names things. */
function isMixed(value: string): boolean {
  if (!/[A-Za-z]/.test(value)) return value.length >= 16 && /^\d+$/.test(value);
  if (!/[0-9+/=!@#$%^&*~]/.test(value)) return false;
  return entropyBits(value) >= (value.length >= 16 ? 2.7 : 2.3);
}

function isWeakSecret(value: string): boolean {
  if (value.length < WEAK_CHARACTERS_MIN || !/[a-z]/.test(value) || !/[A-Z]/.test(value) || !/[0-9]/.test(value))
    return false;
  if (!/^[\w+/=.~-]+$/.test(value) || isBenignShape(value)) return false;
  if (/\.[a-z][a-z0-9]{1,4}$/i.test(value) && !/\.[\w-]{20,}/.test(value)) return false;
  return entropyBits(value) >= WEAK_ENTROPY_BITS_MIN;
}

/** Letters only, but in no words: short random keys happen to have no digit. */
function isJumble(value: string): boolean {
  return value.length >= 16 && /^[A-Za-z_-]+$/.test(value) && wordCharacters(value) < 2.6;
}

/** A name as code has them: few digits, and words of a length that people choose. */
function isIdentifier(value: string): boolean {
  const digits = value.match(/[0-9]/g)?.length ?? 0;
  return /^!?[A-Za-z_$][\w$]*$/.test(value) && digits <= 2 && wordCharacters(value) >= 3.2;
}

/** Mean length of the stretches of one kind: `Uint8Array` has three of them, and 3.3. */
function wordCharacters(value: string): number {
  return value.length / (value.match(/[A-Z]?[a-z]+|[A-Z]+|[0-9]+/g)?.length ?? 1);
}

function isCamelName(value: string): boolean {
  return /^[a-z]+(?:[A-Z][a-z]+)+$/.test(value);
}
