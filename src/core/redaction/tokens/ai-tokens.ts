// Providers of models and of what is built on them. Shapes are those of the providers' own documentation and consoles;
// `T3BlbkFJ` in the middle of OpenAI keys is base64 of "OpenAI".

import { ALNUM, BASE64_ANY, HEX, LOWER, WORD, token, wordToken } from '../token-rule.ts';
import type { TokenRule } from '../token-rule.ts';

export const AI_TOKENS: readonly TokenRule[] = [
  wordToken('openai-key', ['sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-service-', 'sk-None-'], `${WORD}{32,}`),
  wordToken('openai-key', 'sk-', `${ALNUM}{20}T3BlbkFJ${ALNUM}{20,}`),
  wordToken('openai-key', ['sess-'], `${ALNUM}{40,}`),
  token('anthropic-key', 'sk-ant-', `${WORD}{24,}`),
  wordToken('openrouter-key', 'sk-or-', `(?:v1-)?${ALNUM}{32,}`),
  wordToken('langsmith-key', ['lsv2_pt_', 'lsv2_sk_', 'ls__'], `${HEX}{32}(?:_${HEX}{10})?`),
  wordToken('langfuse-key', ['sk-lf-', 'pk-lf-'], `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`),
  // DeepSeek, Moonshot, Stability, LiteLLM and other keys made after OpenAI's first ones.
  wordToken('sk-key', 'sk-', `(?=${WORD}{0,40}[0-9])${ALNUM}{24,}`),
  wordToken('huggingface-token', ['hf_', 'api_org_'], `${ALNUM}{30,}`),
  wordToken('replicate-token', 'r8_', `${ALNUM}{32,}`),
  wordToken('groq-key', 'gsk_', `${ALNUM}{40,}`),
  wordToken('perplexity-key', 'pplx-', `${ALNUM}{32,}`),
  wordToken('xai-key', 'xai-', `${ALNUM}{60,}`),
  wordToken('fireworks-key', ['fw_'], `${ALNUM}{22,}`),
  wordToken('together-key', ['tgp_v1_'], `${WORD}{40,}`),
  wordToken('nvidia-key', 'nvapi-', `${WORD}{50,}`),
  wordToken('pinecone-key', 'pcsk_', `${ALNUM}{4,8}_${ALNUM}{40,}`),
  wordToken('cerebras-key', 'csk-', `${LOWER}{40,}`),
  wordToken('tavily-key', 'tvly-', `(?:dev-|prod-)?${ALNUM}{24,}`),
  wordToken('voyage-key', 'pa-', `${WORD}{43}`),
  wordToken('jina-key', 'jina_', `${ALNUM}{40,}`),
  wordToken('firecrawl-key', 'fc-', `${HEX}{32}`),
  wordToken('elevenlabs-key', 'sk_', `${HEX}{48}`),
  wordToken('wandb-key', 'wandb_v1_', `${WORD}{40,}`),
  wordToken('e2b-key', 'e2b_', `${HEX}{40}`),
  wordToken('factory-key', ['fk-'], `${WORD}{40,}`),
  wordToken('friendli-token', 'flp_', `${ALNUM}{40,}`),
  wordToken('runpod-key', 'rpa_', `${ALNUM}{40,}`),
  wordToken('modal-token', ['ak-', 'as-'], `${ALNUM}{22}`),
  wordToken('gemini-key', 'AQ.', `Ab${BASE64_ANY}{40,}`),
];
