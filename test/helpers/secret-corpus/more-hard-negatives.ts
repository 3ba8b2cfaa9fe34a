// More texts that hold no secret, of places in which one is seen most easily by mistake: calls, lists of names, lock
// files, sums, and code that names providers.

const CODE = String.raw`
password = password.encode("latin1")
key = name.decode("utf-8")
crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveKey'])
isinstance(key, (Ed25519PrivateKey, Ed25519PublicKey))
AllowedKeys = Ed25519PrivateKey | Ed25519PublicKey
readonly STENCIL_PASS_DEPTH_FAIL: 0x0B95;
key_password=certs[0][2],
user_pass = '%s:%s' % (
getPassword("user-42")
validateToken('expired-1')
hasKey("fooBar12")
localStorage.getItem('token')
t('password.reset.title')
test('token2', () => {})
mockToken("token-1")
password?: string | null
token | null
{{ .Values.auth.password | b64enc | quote }}
password: str = Field(min_length=8)
var token string
func setToken(token string) {
client.setToken(token);
setPassword(event.target.value)
<password>
<key>CFBundleIdentifier</key>
<token></token>
<Password>
</Password>
"ssh2_auth_password", 'ssh2_auth_pubkey_file',
#define MAX_TOKEN 4096
ENV PASSWORD_FILE /run/secrets/db
ARG TOKEN
variable "db_password" {
set -x
set token (cat token.txt)
stripe.api_key = settings.STRIPE_KEY
datadog.initialize(api_key=config.datadog_api_key)
sendgrid_key = os.environ["SENDGRID_KEY"]
mixpanel.init(process.env.MIXPANEL_TOKEN)
sentry_sdk.init(dsn=settings.SENTRY_DSN)
twilio_sid: $TWILIO_SID
import { Token } from '@okta/okta-auth-js'
api-version: 2024-05-01-preview
test_withPycharmNonTTYOverride
live_reload_server_with_hot_modules
sk_buff_head_init_class
pk_constraint_name_of_the_table
expo_router_root_layout_with_tabs
private_constructor_of_the_base_class
comp_header_v2_button_primary
token_bucket_rate_limiter_v2
secret_santa_2024_participants
`;

const DATA = String.raw`
npm:@scope/name@1.2.3
github.com/spf13/cobra v1.8.0 h1:7aJaZx1B85qltLMc546zn58BxxfZR/W22ej9CFoEf0=
github.com/spf13/cobra v1.8.0/go.mod h1:WXLWApfZ71AjXPya3WOlMsY9yMs7YeiHhFVlvLyhcho=
{file = "requests-2.31.0-py3-none-any.whl", hash = "sha256:58cd2187c01e70e6e26505bca751777aa9f2ee0b7f4300988b709f44e013003f"},
resolution: {integrity: sha512-YuWmqGV5yLUtZ6vFJRQZFlNh8wyn8hQXYHnqh1cKrQvSbVJKF7tRgQqx1qfV8v2n8oFqZ1pJkO0xkqkQfXg3bA==}
checksum: 10c0/8c3f0e1d2b4a69788796a5b4c3d2e1f0a9b8c7d6e5f40312233445566778899
  version "7.23.5" resolved "https://registry.yarnpkg.com/@babel/core/-/core-7.23.5.tgz#6e23f2acbcb77ad283c5ed141f824fd9f70101c7"
sha1-4xqGqxnDpgW9Vb1kq0k2v1rEwJ4=
BLAKE2b-256 2f6a1f9c8d7e6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c8b7a6f5e4d3c2b1a
blob 3f786850e387550fdab836ed7e6dc881de23001b 1024
100644 blob 4f2a9c1e8b7d6a5f4e3d2c1b0a9f8e7d6c5b4a39	src/token.ts
src/server.test.ts:1234:17:error:TS2345
at Object.<anonymous> (/srv/app/lib/index.js:1234:56)
192.168.1.10:5432:main:app:
db-1 | 2024-05-06 07:08:09 UTC [42] LOG: checkpoint complete
00000000  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52  |.PNG........IHDR|
{"version":3,"sources":["a.ts"],"names":[],"mappings":"AAAA,SAASA,EAAEC,GAAG,OAAOA,CAAC;AACtB,SAASC"}
https://example.com/a%2Fb%2Fc?next=%2Fhome%3Ftab%3D2&lang=en
C%3A%5CUsers%5Cjane%5CDocuments%5Creport.docx
"re": "^\\/api\\/v1\\/users\\/[0-9a-f]{24}$"
\u0048\u0065\u006c\u006c\u006f \u0077\u006f\u0072\u006c\u0064
| token | type | example |
| password | string | the password of the user |
| key | value |
imgur.com/a/Ab12Cd3
https://stripe.com/docs/api/tokens
linear-gradient(90deg, #020024 0%, #090979 35%, #00d4ff 100%)
datadog agent 7.52.1 on host ip-10-0-3-17
circle-icon-large-2x.png
The token 3f786850 was rotated.
The password was changed on 2024-05-06.
the secret is out
auth0 tenant: dev-acme-eu
okta domain: https://acme.okta.com/oauth2/default
deploy 7c9e6679-7425-40de-944b-e07fc1f90ae7 finished
vercel deployment dpl_5WJWYSyB7BpgTj3EuwF37WMRBXBtPQ2iTMJHJBJyRfd is ready
`;

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

export const MORE_HARD_NEGATIVES: readonly string[] = [CODE, DATA].flatMap(lines);
