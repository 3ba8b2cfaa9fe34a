// Chat, mail and telephone. Some secrets of this family are whole addresses: whoever knows a webhook may post to it.

import { ALNUM, BASE64_ANY, HEX, UUID, WORD, token, wordToken } from '../token-rule.ts';
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
  // The first part is the bot's number in base64, so only digits open it.
  wordToken(
    'discord-token',
    ['MT', 'MD', 'Mj', 'Mz', 'ND', 'NT', 'Nj', 'Nz', 'OD', 'OT'],
    `${WORD}{20,26}\\.${WORD}{6,7}\\.${WORD}{27,40}`,
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
  { ...wordToken('telegram-token', ':A', `${WORD}{34}`), lead: '[0-9]{6,12}' },
  wordToken('twilio-key', ['SK', 'AC'], `${HEX}{32}`),
  wordToken('sendgrid-key', 'SG.', `${WORD}{16,32}\\.${WORD}{30,64}`),
  wordToken('mailgun-key', ['key-', 'pubkey-'], `${HEX}{32}`),
  { ...wordToken('mailchimp-key', '-us', `[0-9]{1,2}`), lead: '[0-9a-f]{32}' },
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
  wordToken('tiktok-token', ['act.', 'clt.', 'rft.'], `[A-Za-z0-9!*]{40,}`),
  wordToken('pinterest-token', ['pina_'], `[A-Z0-9]{40,}`),
  wordToken('onesignal-key', ['os_v2_app_', 'os_v2_org_'], `[a-z2-7]{60,}`),
  wordToken('courier-key', ['pk_prod_', 'pk_test_', 'dk_prod_', 'dk_test_'], `[A-Z0-9]{28}`),
  wordToken('telnyx-key', 'KEY', `${HEX}{32}_${WORD}{16,}`),
  wordToken('messagebird-key', ['live_', 'test_'], `(?=[A-Za-z]{0,24}[0-9])${ALNUM}{25}(?![\\w-])`),
  wordToken('pushbullet-token', 'o.', `(?=${ALNUM}{0,31}[0-9])${ALNUM}{32}`),
  wordToken('pubnub-secret', 'sec-c-', `${BASE64_ANY}{40,}`),
  wordToken('nylas-key', 'nyk_', `v0_${ALNUM}{40,}`),
  wordToken('linkedin-token', ['WPL_AP', 'AQX'], `[A-Za-z0-9_.=/+-]{24,}`),
];
