// More published formats, of services that fewer people use; see token-formats.ts.

import { ALNUM, BASE64, DIGITS, HEX, LOWER, UPPER, URL_SAFE } from './random-text.ts';
import type { Random } from './random-text.ts';

type Make = (random: Random) => string;

const LOWER_DIGITS = LOWER + DIGITS;
const UPPER_DIGITS = UPPER + DIGITS;
const HEX_ANY = `${HEX}ABCDEF`;

/** A beginning in two pieces, and so many characters of an alphabet. */
const of =
  (first: string, second: string, alphabet: string, length: number): Make =>
  (random) =>
    first + second + random.text(alphabet, length);
const withUuid =
  (first: string, second: string): Make =>
  (random) =>
    first + second + random.uuid();
/** Stretches of one alphabet with a sign between. */
const parts =
  (start: string, joint: string, alphabet: string, ...lengths: number[]): Make =>
  (random) =>
    start + lengths.map((length) => random.text(alphabet, length)).join(joint);

export const MORE_TOKEN_FORMATS: readonly (readonly [name: string, make: Make])[] = [
  ['anthropic', (r) => `${['sk-', 'ant-api03-'].join('')}${r.text(URL_SAFE, 93)}AA`],
  ['anthropic admin', (r) => `${['sk-', 'ant-admin01-'].join('')}${r.text(URL_SAFE, 93)}AA`],
  ['openai project', (r) => `${['sk-', 'proj-'].join('')}${r.text(URL_SAFE, 74)}T3BlbkFJ${r.text(URL_SAFE, 74)}`],
  ['openai old', (r) => `sk-${r.text(ALNUM, 20)}T3BlbkFJ${r.text(ALNUM, 20)}`],
  ['huggingface letters', of('h', 'f_', LOWER, 34)],
  ['huggingface organisation', of('api', '_org_', LOWER + UPPER, 34)],
  ['groq', of('gs', 'k_', ALNUM, 52)],
  ['perplexity', of('pp', 'lx-', ALNUM, 48)],
  ['xai', of('xa', 'i-', ALNUM, 80)],
  ['replicate', of('r', '8_', ALNUM, 37)],
  ['nvidia', of('nv', 'api-', URL_SAFE, 64)],
  ['openrouter', of('sk-', 'or-v1-', HEX, 64)],
  ['langsmith', (r) => `${['lsv2', '_pt_'].join('')}${r.text(HEX, 32)}_${r.text(HEX, 10)}`],
  ['langfuse', withUuid('sk-', 'lf-')],
  ['pinecone', (r) => `${['pc', 'sk_'].join('')}${r.text(ALNUM, 6)}_${r.text(ALNUM, 63)}`],
  ['tavily', of('tv', 'ly-', ALNUM, 32)],
  ['elevenlabs', of('s', 'k_', HEX, 48)],
  ['anyscale', of('ese', 'cret_', LOWER_DIGITS, 30)],
  ['chroma', of('c', 'k-', ALNUM, 44)],
  ['cursor', of('crs', 'r_', HEX, 64)],
  ['e2b', of('e2', 'b_', HEX, 40)],
  ['google', of('AI', 'za', URL_SAFE, 35)],
  ['google oauth secret', of('GO', 'CSPX-', URL_SAFE, 28)],
  ['google access', of('ya', '29.', URL_SAFE, 160)],
  ['google refresh', of('1/', '/0', URL_SAFE, 60)],
  ['firebase messaging', (r) => `${['AA', 'AA'].join('')}${r.text(URL_SAFE, 7)}:${r.text(URL_SAFE, 140)}`],
  ['aws appsync', of('da', '2-', LOWER_DIGITS, 26)],
  ['aws mws', withUuid('amzn', '.mws.')],
  ['aws session', of('IQoJb3', 'JpZ2lu', BASE64, 300)],
  ['azure storage bare', (r) => `${r.text(BASE64, 76)}${['+A', 'St'].join('')}${r.text(ALNUM, 6)}==`],
  ['azure cosmos', (r) => `${r.text(ALNUM, 76)}${['AC', 'Db'].join('')}${r.text(ALNUM, 6)}==`],
  ['azure event hub', (r) => `${r.text(BASE64, 33)}${['+A', 'Eh'].join('')}${r.text(ALNUM, 6)}=`],
  ['azure search', (r) => `${r.text(ALNUM, 42)}${['Az', 'Se'].join('')}${r.text(ALNUM, 6)}`],
  ['azure redis', (r) => `${r.text(ALNUM, 33)}${['Az', 'Ca'].join('')}${r.text(ALNUM, 6)}=`],
  ['azure ai', (r) => `${r.text(ALNUM, 52)}${['JQ', 'QJ99'].join('')}${r.text(ALNUM, 26)}`],
  ['azure devops', (r) => `${r.text(ALNUM, 76)}${['AZ', 'DO'].join('')}${r.text(ALNUM, 4)}`],
  ['baidu', of('AL', 'TAK', ALNUM, 21)],
  ['tencent', of('AK', 'ID', ALNUM, 32)],
  ['yandex oauth', of('y0', '_', URL_SAFE, 55)],
  ['yandex iam', (r) => `t1.${r.text(URL_SAFE, 80)}.${r.text(URL_SAFE, 86)}`],
  ['yandex key', of('AQ', 'VN', URL_SAFE, 36)],
  ['scaleway', of('SC', 'W', UPPER_DIGITS, 17)],
  ['render', of('rn', 'd_', ALNUM, 28)],
  ['netlify', of('nf', 'p_', ALNUM, 36)],
  ['fly.io access', of('fo', '1_', URL_SAFE, 43)],
  ['fly.io macaroon', (r) => `${['fm1', 'r_'].join('')}${r.text(BASE64, 120)}==`],
  ['vercel', of('vc', 'p_', ALNUM, 56)],
  ['deno', of('dd', 'p_', ALNUM, 36)],
  ['kong', of('kp', 'at_', ALNUM, 46)],
  ['rancher', (r) => `${['tok', 'en-'].join('')}${r.text(LOWER_DIGITS, 5)}:${r.text(LOWER_DIGITS, 54)}`],
  ['akamai', (r) => `${['ak', 'ab-'].join('')}${r.text(LOWER_DIGITS, 16)}-${r.text(LOWER_DIGITS, 16)}`],
  ['gitlab session', of('_gitlab_', 'session=', LOWER_DIGITS, 32)],
  ['gitlab runner routable', (r) => `${['gl', 'rt-t1_'].join('')}${r.text(URL_SAFE, 27)}.${r.text(LOWER_DIGITS, 9)}`],
  ['gitpod', of('gitpod', '_pat_', ALNUM, 40)],
  ['jetbrains', (r) => `perm:${r.text(ALNUM, 12)}=.${r.text(ALNUM, 10)}==.${r.text(ALNUM, 30)}`],
  ['weblate', of('wl', 'u_', ALNUM, 36)],
  ['vault legacy', (r) => `s.${r.text(ALNUM, 23)}4`],
  ['infisical', (r) => `st.${r.text(HEX, 24)}.${r.text(HEX, 32)}.${r.text(HEX, 32)}`],
  ['bitwarden', (r) => `0.${r.uuid()}.${r.text(ALNUM, 30)}:${r.text(BASE64, 22)}==`],
  ['localstack', (r) => `ls-${parts('', '-', ALNUM, 8, 4, 4, 4, 12)(r)}`],
  ['discord bot', (r) => `${['M', 'T'].join('')}${r.text(ALNUM, 24)}.${r.text(ALNUM, 6)}.${r.text(URL_SAFE, 38)}`],
  ['slack webhook', (r) => `https://hooks.slack${'.com/services'}/T${parts('', '/', ALNUM, 10, 11, 24)(r)}`],
  ['slack config', of('xoxe.', 'xoxp-1-', UPPER_DIGITS, 164)],
  ['slack refresh', of('xo', 'xe-1-', UPPER_DIGITS, 146)],
  [
    'teams webhook',
    (r) =>
      `https://acme.webhook${'.office.com/webhookb2'}/${r.uuid()}@${r.uuid()}/IncomingWebhook/${r.text(HEX, 32)}/${r.uuid()}`,
  ],
  ['twilio', of('S', 'K', HEX_ANY, 32)],
  ['mailchimp', (r) => `${r.text(HEX, 32)}-us${r.text('123456789', 1)}`],
  ['mailersend', of('ml', 'sn.', HEX, 64)],
  ['nylas', of('nyk_', 'v0_', ALNUM, 60)],
  ['onesignal', of('os_v2', '_app_', 'abcdefghijklmnopqrstuvwxyz234567', 104)],
  ['telnyx', (r) => `KEY0${r.text(HEX_ANY, 31)}_${r.text(ALNUM, 22)}`],
  ['instagram', of('IG', 'QVJ', URL_SAFE, 120)],
  ['twitter bearer', (r) => `${'A'.repeat(22)}${r.text(ALNUM, 90)}`],
  ['pinterest', of('pin', 'a_', UPPER_DIGITS, 64)],
  ['stripe restricted', of('rk', '_live_', ALNUM, 99)],
  ['stripe webhook', of('wh', 'sec_', ALNUM, 32)],
  ['paypal', (r) => `${['access_token', '$production$'].join('')}${r.text(LOWER_DIGITS, 16)}$${r.text(HEX, 32)}`],
  ['adyen', (r) => `${['AQ', 'E'].join('')}${r.text(ALNUM, 80)}-${r.text(BASE64, 43)}=-${r.text(ALNUM, 16)}`],
  ['gocardless', of('li', 've_', URL_SAFE, 40)],
  ['lob', of('te', 'st_', HEX, 35)],
  [
    'mercadopago',
    (r) =>
      `${['APP', '_USR-'].join('')}${r.text(DIGITS, 16)}-${r.text(DIGITS, 6)}-${r.text(HEX, 32)}-${r.text(DIGITS, 9)}`,
  ],
  ['midtrans', of('SB-Mid', '-server-', URL_SAFE, 24)],
  ['sumup', of('sup', '_sk_', ALNUM, 32)],
  ['brex', of('bx', 't_', ALNUM, 40)],
  ['woocommerce', of('c', 'k_', HEX, 40)],
  ['xendit', of('xnd', '_production_', ALNUM, 52)],
  ['extended private key', of('xp', 'rv', ALNUM, 107)],
  ['nostr', of('nse', 'c1', LOWER_DIGITS, 58)],
  ['datadog application', of('dd', 'app_', ALNUM, 36)],
  ['coralogix', of('cx', 'tp_', ALNUM, 30)],
  ['honeycomb', of('hc', 'aik_', LOWER_DIGITS, 58)],
  ['axiom', withUuid('xa', 'at-')],
  ['logfire', (r) => `${['pylf', '_v1_'].join('')}us_${r.text(ALNUM, 43)}`],
  ['segment', of('sg', 'p_', ALNUM, 64)],
  ['cockroach', (r) => `${['CC', 'DB1_'].join('')}${r.text(ALNUM, 22)}_${r.text(ALNUM, 40)}`],
  ['mongodb atlas', of('mdb_', 'sa_sk_', URL_SAFE, 44)],
  ['materialize', of('mz', 'p_', HEX, 64)],
  ['aiven', of('AV', 'NS_', URL_SAFE, 19)],
  ['astra', (r) => `${['Astra', 'CS:'].join('')}${r.text(ALNUM, 24)}:${r.text(HEX, 64)}`],
  ['dbt', of('db', 'tc_', URL_SAFE, 42)],
  ['fauna', of('fn', 'AE', URL_SAFE, 36)],
  ['ory', of('ory', '_pat_', ALNUM, 32)],
  [
    'authress',
    (r) =>
      `sc_${r.text(LOWER_DIGITS, 12)}.${r.text(LOWER_DIGITS, 5)}.acc-${r.text(LOWER_DIGITS, 12)}.${r.text(ALNUM, 64)}`,
  ],
  ['cal.com', of('cal', '_live_', HEX, 32)],
  ['close', parts(['ap', 'i_'].join(''), '.', ALNUM, 22, 22)],
  ['riot', withUuid('RG', 'API-')],
  ['linear oauth', of('lin', '_oauth_', HEX, 64)],
  ['retool', of('ret', 'ool_', LOWER_DIGITS, 30)],
  ['sanity', (r) => `sk${r.text(ALNUM, 150)}`],
  ['salesforce', (r) => `00D${r.text(ALNUM, 12)}!${r.text(`${ALNUM}._`, 95)}a`],
  ['apify', of('apify', '_api_', ALNUM, 36)],
  ['unleash', (r) => `default:development.${r.text(HEX, 56)}`],
  ['flagsmith', of('se', 'r.', ALNUM, 22)],
];
