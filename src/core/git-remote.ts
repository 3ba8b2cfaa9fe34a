// When two addresses name the same remote repository: `git@host:me/p.git`, `ssh://git@host/me/p` and
// `https://host/me/p.git` are one. Only for comparing; nothing is ever fetched from it.

const SCP_LIKE = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/;
const URL_LIKE = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^/:]+)(?::[0-9]+)?\/(.*)$/i;

/** The form in which they are equal. A path on this machine stays as it is but for a trailing `/` or `.git`. */
export function remoteKey(url: string): string {
  const match = URL_LIKE.exec(url) ?? SCP_LIKE.exec(url);
  const path = (match ? match[2]! : url).replace(/\/+$/, '').replace(/\.git$/, '');
  return match ? `${match[1]!.toLowerCase()}/${path.replace(/^\/+/, '')}` : path;
}
