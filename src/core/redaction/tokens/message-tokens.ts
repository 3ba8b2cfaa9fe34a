// Chat, mail and telephone. Some secrets of this family are whole addresses: whoever knows a webhook may post to it.

import { ALNUM, HEX, UUID, WORD, token, wordToken } from '../token-rule.ts';
import type { TokenRule } from '../token-rule.ts';

export const MESSAGE_TOKENS: readonly TokenRule[] = [
  token('slack-token', ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxo-', 'xoxc-', 'xoxd-'], `[A-Za-z0-9%-]{10,}`),
  token('slack-token', ['xoxe-', 'xoxe.xoxp-', 'xoxe.xoxb-'], `[A-Za-z0-9-]{16,}`),
  token('slack-app-token', ['xapp-', 'xwfp-'], `[0-9]-?[A-Za-z0-9-]{20,}`),
  token('slack-webhook', 'hooks.slack.com/', `(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{36,}`),
  token('slack-webhook', 'hooks.slack-gov.com/', `(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{36,}`),
  token(
    'discord-webhook',
    ['discord.com/api/', 'discordapp.com/api/'],
    `(?:v[0-9]{1,2}/)?webhooks/[0-9]{17,20}/${WORD}{50,}`,
  ),
  wordToken('discord-token', ['mfa.'], `${WORD}{80,}`),
  token(
    'teams-webhook',
    '.webhook.office.com/webhookb2/',
    `${UUID}@${UUID}/IncomingWebhook/${ALNUM}{32}/[A-Za-z0-9/_-]{36,}`,
  ),
  token('google-chat-webhook', 'chat.googleapis.com/v1/spaces/', `[A-Za-z0-9_-]{6,}/messages\\?[A-Za-z0-9_&=%-]{40,}`),
  token('zapier-webhook', 'hooks.zapier.com/hooks/catch/', `[0-9]{4,}/${ALNUM}{6,}`),
  token('ifttt-key', 'maker.ifttt.com/trigger/', `[A-Za-z0-9_]{1,64}/(?:json/)?with/key/${WORD}{20,}`),
  token('telegram-token', 'api.telegram.org/bot', `[0-9]{6,12}:${WORD}{30,}`),
  { ...token('telegram-token', ':A', `${WORD}{34}`), lead: '[0-9]{6,12}' },
  wordToken('twilio-key', ['SK', 'AC'], `${HEX}{32}`),
  wordToken('sendgrid-key', 'SG.', `${WORD}{16,32}\\.${WORD}{30,64}`),
  wordToken('mailgun-key', ['key-', 'pubkey-'], `${HEX}{32}`),
  wordToken('brevo-key', ['xkeysib-', 'xsmtpsib-'], `${HEX}{64}-${ALNUM}{16}`),
  wordToken('mandrill-key', ['md-'], `${WORD}{22}`),
  wordToken('resend-key', 're_', `(?=${WORD}{0,40}[0-9A-Z])${ALNUM}{6,10}_${ALNUM}{20,}`),
  wordToken('mailersend-key', 'mlsn.', `${HEX}{60,}`),
  wordToken('intercom-token', ['dG9rO'], `${ALNUM}{50,}={0,2}`),
  wordToken('typeform-token', 'tfp_', `[A-Za-z0-9_.=-]{40,}`),
  wordToken('frameio-token', 'fio-u-', `[A-Za-z0-9_=-]{60,}`),
  wordToken('facebook-token', ['EAAC', 'EAAM', 'EAAG', 'EAAB', 'EAAJ', 'EAAH', 'EAAD'], `${ALNUM}{80,}`),
  wordToken('facebook-token', ['EAA'], `${ALNUM}{100,}`),
  wordToken('instagram-token', ['IGQVJ', 'IGQWR', 'IGAA'], `${WORD}{60,}`),
  wordToken('twitter-bearer', ['AAAAAAAAAAAAAAAAAAAAA'], `[A-Za-z0-9%]{60,}`),
  wordToken('linkedin-token', ['WPL_AP', 'AQX'], `[A-Za-z0-9_.=/+-]{24,}`),
];
