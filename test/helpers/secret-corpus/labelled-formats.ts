// Secrets whose format has no mark of its own: they come with the name that stands beside them.

import { ALNUM, BASE64, DIGITS, HEX, LOWER, UPPER, URL_SAFE } from './random-text.ts';
import type { Random } from './random-text.ts';

export type LabelledFormat = readonly [name: string, make: (random: Random) => string];

const of = (alphabet: string, length: number) => (random: Random) => random.text(alphabet, length);

export const LABELLED_FORMATS: readonly LabelledFormat[] = [
  ['AWS_SECRET_ACCESS_KEY', of(BASE64, 40)],
  ['DATADOG_API_KEY', of(HEX, 32)],
  ['DD_APP_KEY', of(HEX, 40)],
  ['HEROKU_API_KEY', (random) => random.uuid()],
  ['CLOUDFLARE_API_TOKEN', of(URL_SAFE, 40)],
  ['TWILIO_AUTH_TOKEN', of(HEX, 32)],
  ['FASTLY_API_TOKEN', of(URL_SAFE, 32)],
  ['OKTA_API_TOKEN', (random) => `00${random.text(URL_SAFE, 40)}`],
  ['NETLIFY_AUTH_TOKEN', of(URL_SAFE, 43)],
  ['VERCEL_TOKEN', of(ALNUM, 24)],
  ['ALGOLIA_ADMIN_KEY', of(HEX, 32)],
  ['SENTRY_AUTH_TOKEN', of(HEX, 64)],
  ['MISTRAL_API_KEY', of(ALNUM, 32)],
  ['COHERE_API_KEY', of(ALNUM, 40)],
  ['WANDB_API_KEY', of(HEX, 40)],
  ['CIRCLE_TOKEN', of(HEX, 40)],
  ['CODECOV_TOKEN', (random) => random.uuid()],
  ['SNYK_TOKEN', (random) => random.uuid()],
  ['SONAR_TOKEN', of(HEX, 40)],
  ['ARTIFACTORY_API_KEY', of(ALNUM, 73)],
  ['JIRA_API_TOKEN', of(ALNUM, 24)],
  ['ASANA_CLIENT_SECRET', of(HEX, 32)],
  ['DISCORD_CLIENT_SECRET', of(URL_SAFE, 32)],
  ['FACEBOOK_APP_SECRET', of(HEX, 32)],
  ['TWITTER_API_SECRET', of(ALNUM, 50)],
  ['LINKEDIN_CLIENT_SECRET', of(ALNUM, 16)],
  ['TWITCH_CLIENT_SECRET', of(LOWER + DIGITS, 30)],
  ['SPOTIFY_CLIENT_SECRET', of(HEX, 32)],
  ['MAILCHIMP_API_KEY', (random) => `${random.text(HEX, 32)}-us12`],
  ['POSTMARK_SERVER_TOKEN', (random) => random.uuid()],
  ['ZENDESK_API_TOKEN', of(ALNUM, 40)],
  ['NEW_RELIC_LICENSE_KEY', (random) => `${random.text(HEX, 36)}NRAL`],
  ['PAGERDUTY_API_KEY', of(URL_SAFE, 20)],
  ['SPLUNK_HEC_TOKEN', (random) => random.uuid()],
  ['COINBASE_API_SECRET', of(ALNUM, 64)],
  ['BINANCE_SECRET_KEY', of(ALNUM, 64)],
  ['ETHERSCAN_API_KEY', of(UPPER + DIGITS, 34)],
  ['PLAID_SECRET', of(HEX, 30)],
  ['AZURE_OPENAI_API_KEY', of(HEX, 32)],
  ['ALIBABA_CLOUD_ACCESS_KEY_SECRET', of(ALNUM, 30)],
  ['LINODE_TOKEN', of(HEX, 64)],
  ['HCLOUD_TOKEN', of(ALNUM, 64)],
  ['MERAKI_API_KEY', of(HEX, 40)],
  ['DB_PASSWORD', of(`${ALNUM}!#%*+.`, 16)],
  ['CLIENT_SECRET', of(URL_SAFE, 40)],
  ['SESSION_SECRET', of(HEX, 64)],
  ['JWT_SECRET', of(BASE64, 44)],
  ['ENCRYPTION_KEY', of(HEX, 64)],
];
