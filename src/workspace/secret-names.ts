// Files that hold keys by their very name. Checkpoints never take them, whatever .gitignore says: what is recorded
// once would stay in every later copy of the store. And no hash of theirs is kept: a short one could be guessed from it.

/** Templates are made to be shared: they name the variables and hold none. */
const TEMPLATE = /\.(example|sample|template|dist|defaults?)$/;

const NAMES: readonly RegExp[] = [
  /^\.env(\..+)?$/,
  /^\.envrc$/,
  /^\.(npmrc|yarnrc|pypirc|netrc|pgpass|my\.cnf|htpasswd|git-credentials|dockercfg)$/,
  /^_netrc$/,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/,
  /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|age-identity)$/,
  /^(credentials|service-account[^/]*)\.json$/,
  /^terraform\.tfvars$/,
];

/** Only in such a folder is the name telling. */
const PLACES: readonly RegExp[] = [
  /(^|\/)\.aws\/credentials$/,
  /(^|\/)\.docker\/config\.json$/,
  /(^|\/)\.kube\/config$/,
];

/** `path`: with `/` between its parts. */
export function isSecretName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (TEMPLATE.test(name)) return false;
  return NAMES.some((pattern) => pattern.test(name)) || PLACES.some((pattern) => pattern.test(path));
}
