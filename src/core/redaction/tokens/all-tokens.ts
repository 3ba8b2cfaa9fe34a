// Every provider format, in the order in which they are tried where several begin alike.

import type { TokenRule } from '../token-rule.ts';
import { AI_TOKENS } from './ai-tokens.ts';
import { CLOUD_TOKENS } from './cloud-tokens.ts';
import { CODE_TOKENS, JWT_TOKENS } from './code-tokens.ts';
import { DATA_TOKENS } from './data-tokens.ts';
import { MESSAGE_TOKENS } from './message-tokens.ts';
import { MONEY_TOKENS } from './money-tokens.ts';
import { SERVICE_TOKENS } from './service-tokens.ts';

export const TOKEN_RULES: readonly TokenRule[] = [
  ...AI_TOKENS,
  ...CODE_TOKENS,
  ...CLOUD_TOKENS,
  ...MESSAGE_TOKENS,
  ...MONEY_TOKENS,
  ...DATA_TOKENS,
  ...SERVICE_TOKENS,
  ...JWT_TOKENS,
];
