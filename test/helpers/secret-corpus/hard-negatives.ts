// Texts that look like they held a secret and hold none: every one must pass untouched. One text a line; lines of
// several belong together where a blank line does not part them.

const CODE = String.raw`
password: string
password: string;
passwd: str = None
secret?: string | undefined
readonly apiKey: string;
token: Token
private_key: Option<PrivateKey>,
def login(user: str, password: str) -> bool:
function authenticate(username, password) {
const token = getToken()
const token = await getAccessToken(user.id);
let password = prompt("Enter your password: ");
const secret = process.env.CLIENT_SECRET;
const apiKey = process.env.API_KEY ?? '';
const key = import.meta.env.VITE_API_KEY
api_key = os.environ["API_KEY"]
api_key=os.getenv("API_KEY")
password = getpass.getpass()
token = request.headers.get("Authorization")
token := r.Header.Get("X-Auth-Token")
String password = System.getenv("DB_PASSWORD");
password = config.get('database.password')
auth_token = settings.AUTH_TOKEN
self.password = password
this.token = token;
this.#secret = options.secret ?? this.defaultSecret;
if (password === confirmPassword) {
if not token: raise ValueError("token is required")
client.login(username=username, password=password)
connect(host=host, user=user, password=password, db=db)
return { token, refreshToken, expiresIn };
const { accessToken, idToken } = useAuth();
headers: { Authorization: token }
headers: { Authorization: ${'`Bearer ${token}`'} }
headers["Authorization"] = "Bearer " + token
headers = {"Authorization": f"Bearer {api_key}"}
'Authorization': 'token ' + githubToken,
req.headers.authorization?.split(' ')[1]
authorization: req.headers.authorization,
res.cookie('session', sessionId, { httpOnly: true });
document.cookie = name + "=" + value;
const cookie = req.headers.cookie;
passwordField.value = '';
<input type="password" name="password" placeholder="Password">
<input id="token" type="hidden" name="csrf_token" value="">
<label for="password">Password</label>
type Secret = { name: string; key: string };
interface ApiKeyProps { apiKey: string }
enum TokenType { Access, Refresh }
export const TOKEN_TYPES = ['access', 'refresh'];
const tokens = tokenize(source);
token = tokens[i + 1];
case Token.STRING: return this.parseString();
key = f"user:{user_id}:profile"
cacheKey: 'user-profile-v2',
key: 'ArrowDown',
if (event.key === 'Enter') submit();
<li key={item.id}>{item.name}</li>
<Route key="dashboard-overview-page" />
foreignKey: 'customerId'
primaryKey: 'order_line_item_id',
queryKey: ['todos', 'list', { page: 3 }],
sortKey = "createdAt#orderId"
partition_key: customer_region_code
translationKey: 'settings.account.password.label'
"settings.password.title": "Change your password"
"forgotPassword": "Forgot your password?"
"passwordTooShort": "Password must have at least 8 characters"
"password": "Password"
"password": "Your password"
"secret": "Secret"
"apiKeyLabel": "API key"
password_label: Enter your new password here
passwordHash: bcrypt.hashSync(password, 10)
password_digest = Column(String(128))
password varchar(255) NOT NULL
ALTER TABLE users ADD COLUMN password_hash text;
CREATE USER app WITH PASSWORD '$DB_PASSWORD';
SELECT password FROM users WHERE id = $1
key_length = 2048
keyId: 'main-signing-key'
keyboard = "us-intl-with-dead-keys"
max_tokens: 4096
"max_tokens": 128000,
total_tokens=1048576
prompt_tokens: 20481, completion_tokens: 512
token_count = len(encoding.encode(text))
tokenizer: "cl100k_base"
tokenizer_name = "meta-llama/Llama-3.1-8B-Instruct"
eos_token: "<|endoftext|>"
pad_token_id: 50256
"token_type": "Bearer"
token_endpoint: https://login.example.com/oauth2/token
tokenUrl: 'https://auth.example.org/realms/main/protocol/openid-connect/token',
auth_url = "https://accounts.example.com/o/oauth2/auth"
authMethod: 'client_secret_basic',
auth_type: oauth2_client_credentials
authors = ["Jane Doe <jane@example.com>"]
author: "Kay Tokenson"
public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPq3Vv0Nf2cO5WJq1y1mD0m1d2kO0s8uS8mJ8s4Vb9tT jane@laptop"
publicKeyPath: './keys/id_rsa.pub'
private_key_path = "/etc/ssl/private/server.pem"
privateKeyFile: "~/.ssh/id_ed25519"
secret_name: production/database/main
secretName: my-app-tls-certificate
secretKeyRef: { name: app-secrets, key: database-password }
secrets: inherit
credentials_file = ~/.aws/credentials
credential_provider: environment
session_timeout = 3600
sessionStorage.getItem('lastVisitedPage')
session_name: friday-afternoon-refactoring
signature: (value: string) => Promise<void>
signature = inspect.signature(function)
salt_rounds: 12
pin: 4
passing: 128, failing: 2
bypass_cache=true
compass: north-north-west
passport.use(new LocalStrategy(verify));
const monkey = 'patched-in-2024';
turkey: "Istanbul2020"
signal: AbortSignal.timeout(5000)
design: 'Bauhaus1919'
assignment: "homework-12-final-version"
`;

const EXAMPLES = String.raw`
API_KEY=your_api_key_here
API_KEY=<your-api-key>
API_KEY="YOUR_API_KEY"
api_key: your-api-key-goes-here
OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
OPENAI_API_KEY=sk-...
ANTHROPIC_API_KEY=sk-ant-...
GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
GITHUB_TOKEN=ghp_YOUR_TOKEN_HERE
GITHUB_TOKEN=ghp_000000000000000000000000000000000000
SLACK_TOKEN=xoxb-your-token-here
STRIPE_KEY=sk_test_...
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
AWS_SECRET_ACCESS_KEY=****************************************
DB_PASSWORD=changeme
DB_PASSWORD=change_me
DB_PASSWORD="password"
DB_PASSWORD=secret
DB_PASSWORD=test
DB_PASSWORD=
DB_PASSWORD=""
DB_PASSWORD=$DB_PASSWORD
DB_PASSWORD=${'${DB_PASSWORD}'}
DB_PASSWORD=${'${DB_PASSWORD:-postgres}'}
DB_PASSWORD=$(pass show db)
password: "{{ vault_db_password }}"
password: {{ .Values.db.password | quote }}
password: ${'${{ secrets.DB_PASSWORD }}'}
token: ${'${{ secrets.GITHUB_TOKEN }}'}
token: ${'${env:API_TOKEN}'}
password: !vault |
password: ********
password: xxxxxxxx
password: null
password: none
password: "<password>"
Password: [hidden]
Password: (not shown)
secret: [REDACTED]
SECRET_KEY=replace-with-a-long-random-string
SECRET_KEY = 'insert-secret-here'
JWT_SECRET=super-secret
JWT_SECRET=dummy-jwt-secret-value
client_secret=example-client-secret-123
"client_secret": "<client secret>"
"password": "..."
export TOKEN="<token>"
export PGPASSWORD='%PGPASSWORD%'
-e POSTGRES_PASSWORD=postgres
MYSQL_ROOT_PASSWORD: root
--password <password>
--password $PASSWORD
--token "$GITHUB_TOKEN"
--api-key YOUR_API_KEY
--password-stdin
--secret-name my-secret
--token-file /var/run/secrets/token
curl -H "Authorization: Bearer $TOKEN" https://api.example.com
curl -H "Authorization: Bearer <token>" https://api.example.com
curl -H 'Authorization: Bearer YOUR_TOKEN' https://api.example.com
curl -u username:password https://example.com
curl -u "$USER:$PASS" https://example.com
curl -u user https://example.com
docker run -p 8080:80 nginx
docker run -p 127.0.0.1:5432:5432 postgres
mysql -u root -p
ssh -p 2222 host
mkdir -p build/output/release
Authorization: Bearer <access_token>
Authorization: Basic <credentials>
Authorization: Bearer {token}
Cookie: <your cookie>
postgres://user:password@localhost:5432/app
postgresql://username:password@host/db
mysql://root:root@127.0.0.1/test
mongodb://<user>:<password>@cluster0.example.net
redis://:${'${REDIS_PASSWORD}'}@redis:6379
amqp://guest:guest@localhost
https://user:***@example.com/
https://{user}:{password}@example.com
https://${'${GITHUB_USER}:${GITHUB_TOKEN}'}@github.com/org/repo.git
-----BEGIN PRIVATE KEY-----
if (text.includes('-----BEGIN RSA PRIVATE KEY-----') && text.includes('-----END RSA PRIVATE KEY-----')) {
The file starts with -----BEGIN OPENSSH PRIVATE KEY----- and so on.
-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----
`;

const PROSE = String.raw`
The password is stored as a hash.
The password must contain at least one digit.
Your token is invalid or has expired.
This token is used by the parser.
The secret is to keep the pan hot.
Please enter your API key to continue.
The API key was rotated yesterday.
Key: value pairs are separated by commas.
A token bucket limits requests to 100 per second.
Auth: handled by the gateway.
The session was closed after 30 minutes.
He passed the salt and the pepper.
Bearer tokens are sent in the Authorization header.
Basic auth is disabled by default.
The cookie policy was updated in 2024.
Set the password with --password or the PASSWORD variable.
See docs/authentication.md for how tokens are signed.
Password reset instructions were sent to jane@example.com
Forgot password? Click here: https://example.com/reset
Error: password authentication failed for user "postgres"
fatal: could not read Password for 'https://github.com': terminal prompts disabled
Invalid token: unexpected '}' at line 12
SyntaxError: Unexpected token '<', "<!DOCTYPE "... is not valid JSON
error TS2345: Argument of type 'Token' is not assignable to parameter of type 'string'.
warning: unused variable: secret
3 tokens used, 1021 left
Enter passphrase for key '/home/jane/.ssh/id_ed25519':
The key is in the drawer.
The keys are "name", "version" and "main".
Heroku, Datadog and Sentry are configured in the dashboard.
datadog: enabled
sentry release 4f2a9c1e8b7d6a5f4e3d2c1b0a9f8e7d6c5b4a39 was deployed
circle build 3f786850e387550fdab836ed7e6dc881de23001b passed
CIRCLE_SHA1=3f786850e387550fdab836ed7e6dc881de23001b
HEROKU_SLUG_COMMIT=3f786850e387550fdab836ed7e6dc881de23001b
GITHUB_SHA=3f786850e387550fdab836ed7e6dc881de23001b
SENTRY_RELEASE=3f786850e387550fdab836ed7e6dc881de23001b
VERCEL_GIT_COMMIT_SHA=3f786850e387550fdab836ed7e6dc881de23001b
heroku app id: 0f8fad5b-d9cb-469f-a165-70867728950e
AZURE_TENANT_ID=0f8fad5b-d9cb-469f-a165-70867728950e
azure_subscription_id = "0f8fad5b-d9cb-469f-a165-70867728950e"
TWILIO_REGION=us1
AWS_REGION=eu-central-1
AWS_PROFILE=production-admin
DATADOG_SITE=datadoghq.eu
`;

const HASHES = String.raw`
commit 3f786850e387550fdab836ed7e6dc881de23001b
Merge: 4f2a9c1 8b7d6a5
index 83db48f..bf269f4 100644
"integrity": "sha512-7zWm9YpB2mYq0yQWqkQ0m3k8Jz0pVb2nQ0d1N4y5x6Zs7t8u9v0w1x2y3z4A5B6C7D8E9F0G1H2I3J4K5L6M7Q=="
  integrity sha512-oRx2n3Jc7pQ8v1k4m6s9w2y5z8B1D4F7H0J3L6N9P2R5T8V1X4Z7b0d3f6h9j2l5n8p1r4t7v0x3z6A9C2E5GQ==
"resolved": "https://registry.npmjs.org/lodash/-/lodash-4.17.21.tgz#679591c564c3bffaae8454cf0b3df370c3d6911c"
checksum = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
image: nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
digest: sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
etag: W/"1f-2jmj7l5rSw0yVb/vlWAYkK/YBwk"
h1:Yp1mDoXkG5z7rTnKjvJxk0zVrYl3yqJc8gSk0oXn4Wc=
golang.org/x/text v0.14.0 h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ=
--hash=sha256:5d4c0b2b0e3a6f7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e
md5: d41d8cd98f00b204e9800998ecf8427e
main.4f2a9c1e.chunk.js
/static/js/vendors~main.8b7d6a5f4e3d2c1b0a9f.js
app-BxQ3v9Kd.css
key: linux-node-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
cache-key: v1-deps-3f786850e387550fdab836ed7e6dc881de23001b
id: 0f8fad5b-d9cb-469f-a165-70867728950e
"requestId": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
x-request-id: 7c9e6679-7425-40de-944b-e07fc1f90ae7
session id 7c9e6679-7425-40de-944b-e07fc1f90ae7 resumed
key: 7c9e6679-7425-40de-944b-e07fc1f90ae7
_id: ObjectId("507f1f77bcf86cd799439011")
0x52908400098527886E0F7030069857D2E4169EE7
bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq
QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPAEC
01ARZ3NDEKTSV4RRFFQ69G5FAV
V1StGXR8_Z5jdHi6B-myT
src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
url(data:font/woff2;base64,d09GMgABAAAAAAZ4AA8AAAAADHQAAAYbAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP0ZGVE0cGh4GYACCWhEICok)
//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbInNyYy9pbmRleC50cyJdLCJuYW1lcyI6W119
color: #3f7868; background: #deadbeef;
.btn-primary:hover{background-color:#0d6efd;border-color:#0a58ca}
!function(e,t){"object"==typeof exports?module.exports=t():e.key=t()}(this,function(){return 42});
var a=b.token,c=d.secret||e.key,f=g(h,i.auth);
ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7vbqajDhAqZ3V8Jd1v9k2mN4p6q8r0s2t4u6v8w0x2y4z6A8B0C2D4E6F8G0H2I4J6K8L jane@laptop
SHA256:uNiVztksCsDhcc0u9e8BgrJXVGLJ3vWm0m0uWmMzDqM
age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
pk_live_51H8xYzAbCdEfGhIjKlMnOpQr
serialNumber: 4A:3B:2C:1D:0E:9F:8A:7B:6C:5D
192.168.10.24:5432
2001:0db8:85a3:0000:0000:8a2e:0370:7334
2024-05-06T07:08:09.123456789Z
v18.20.4-nightly20240702deadbeefcafe
net.ipv4.tcp_syncookies = 1
https://example.com/articles/2024/how-to-rotate-a-secret-key?utm_source=news
https://github.com/org/repo/commit/3f786850e387550fdab836ed7e6dc881de23001b
https://cdn.example.com/assets/app.9f86d081884c7d65.js?v=20240506
git@github.com:org/repo.git
ssh://git@github.com:22/org/repo.git
https://www.npmjs.com/package/@scope/name
http://localhost:3000/@vite/client
https://user@example.com/path
mailto:jane@example.com
s3://bucket/path/to/object.parquet
file:///home/jane/projects/app/src/token.ts
/home/jane/projects/password-manager/src/secret-store.ts
C:\Users\jane\AppData\Local\Temp\token-cache.json
node_modules/.pnpm/token-types@6.0.0/node_modules/token-types/lib/index.js
src/auth/token.service.ts:42:17
at TokenService.verify (/app/dist/auth/token.service.js:42:17)
`;

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** Texts, every one of which must pass untouched. */
export const HARD_NEGATIVES: readonly string[] = [CODE, EXAMPLES, PROSE, HASHES].flatMap(lines);
