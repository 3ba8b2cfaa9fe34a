// Where code is kept, built and published. GitHub's and npm's tokens end in a CRC-32 of what stands before it; a token
// with a wrong one is redacted too, for a mistyped secret is nearly a secret.

import { ALNUM, BASE64_ANY, HEX, LOWER, UPPER, UUID, WORD, token, wordToken } from '../token-rule.ts';
import type { TokenRule } from '../token-rule.ts';

/** Header, claims and signature of RFC 7515; the five parts of RFC 7516; also once more in base64. */
export const JWT_TOKENS: readonly TokenRule[] = [
  wordToken(
    'jwt',
    ['eyJ', 'ewog', 'ewoJ'],
    `${WORD}{8,2000}\\.(?:${WORD}{4,}|(?=\\.${WORD}{8}))(?:\\.${WORD}*={0,2}){1,3}`,
  ),
  // `-----BEGIN … PRIVATE` in base64: RSA, none, EC, DSA, OPENSSH, ENCRYPTED, PGP.
  wordToken(
    'private-key-base64',
    ['BSU0EgUFJJ', 'BQUklWQVRF', 'BFQyBQUklW', 'BEU0EgUFJJ', 'BPUEVOU1NI', 'BFTkNSWVBU', 'BQR1AgUFJJ'].map(
      (kind) => `LS0tLS1CRUdJTi${kind}`,
    ),
    `${BASE64_ANY}{40,}`,
  ),
  wordToken('jwt-base64', ['ZXlK'], `${BASE64_ANY}{60,}`),
];

export const CODE_TOKENS: readonly TokenRule[] = [
  token('github-token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], `[A-Za-z0-9_]{30,}`),
  token('github-pat', 'github_pat_', `[A-Za-z0-9_]{40,}`),
  wordToken('github-app-key', ['v1.'], `${HEX}{40}`),
  token(
    'gitlab-token',
    [
      'glpat-',
      'gldt-',
      'glrt-',
      'glrtr-',
      'glft-',
      'glimt-',
      'glagent-',
      'gloas-',
      'glsoat-',
      'glffct-',
      'glptt-',
      'glwt-',
    ],
    `[A-Za-z0-9_.-]{18,300}[A-Za-z0-9_-]`,
  ),
  token('gitlab-job-token', 'glcbt-', `(?:${ALNUM}{1,5}_)?${WORD}{18,}`),
  token('gitlab-runner-token', 'GR1348941', `${WORD}{20,}`),
  token('gitlab-session', '_gitlab_session=', `${LOWER}{32}`),
  wordToken('bitbucket-token', ['ATBB'], `${BASE64_ANY}{24,}`),
  wordToken('bitbucket-token', ['BBDC-'], `[A-Za-z0-9+/@_-]{40,}`),
  wordToken('atlassian-token', ['ATATT3', 'ATCTT3', 'ATOATT3', 'ATSTT3'], `${BASE64_ANY}{50,}`),
  wordToken('npm-token', 'npm_', `${ALNUM}{36,}`),
  wordToken('npm-legacy-token', ['NpmToken.', '_authToken='], UUID),
  token('pypi-token', ['pypi-AgEIcHlwaS5vcmc', 'pypi-AgENdGVzdC5weXBpLm9yZw'], `${WORD}{50,}`),
  token('rubygems-key', 'rubygems_', `${HEX}{44,}`),
  wordToken('crates-token', ['cio'], `${ALNUM}{32}`),
  token('clojars-token', ['CLOJARS_', 'clojars_'], `${LOWER}{58,}`),
  wordToken('nuget-key', ['oy2'], `${LOWER}{43}`),
  wordToken('packagist-token', ['packagist_uut_', 'packagist_ort_', 'packagist_oat_', 'packagist_out_'], `${HEX}{60,}`),
  token('dockerhub-token', ['dckr_pat_', 'dckr_oat_'], `${WORD}{24,}`),
  wordToken('artifactory-key', ['AKCp', 'AKCP'], `${ALNUM}{69,}`),
  wordToken('artifactory-token', 'cmVmd', `${ALNUM}{58,60}`),
  wordToken('circleci-token', ['CCIPAT_', 'CCIPRJ_'], `${ALNUM}{16,}_${HEX}{40}`),
  wordToken('buildkite-token', ['bkua_', 'bkagent_', 'bkar_', 'bkct_', 'bkrt_', 'bkaj_', 'bkpt_'], `${ALNUM}{32,}`),
  wordToken('octopus-key', 'API-', `${UPPER}{24,30}`),
  token('sonarqube-token', ['sqp_', 'sqa_', 'squ_'], `${HEX}{40}`),
  token('sourcegraph-token', ['sgp_', 'slk_', 'sgd_'], `(?:(?:${HEX}{16}|local)_)?${HEX}{40,64}`),
  wordToken('snyk-token', ['snyk_uat.', 'snyk_sat.'], `[A-Za-z0-9._-]{40,}`),
  wordToken('codeclimate-token', ['qltp_', 'qltcp_'], `${ALNUM}{32,}`),
  wordToken('launchdarkly-key', ['sdk-', 'api-', 'mob-'], UUID),
  token(
    'doppler-token',
    ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.', 'dp.scim.', 'dp.audit.', 'dp.rt.', 'dp.said.'],
    `[A-Za-z0-9_.-]{38,}`,
  ),
  token('vault-token', ['hvs.', 'hvb.', 'hvr.'], `${WORD}{24,}`),
  wordToken('vault-token', ['s.', 'b.', 'r.'], `(?=${ALNUM}{0,23}[0-9])${ALNUM}{24}(?:\\.${ALNUM}{4,6})?`),
  wordToken('infisical-token', ['st.'], `${HEX}{24}\\.${HEX}{32}(?:\\.${HEX}{32})?`),
  token('onepassword-token', 'ops_eyJ', `${BASE64_ANY}{100,}`),
  wordToken('onepassword-secret-key', 'A3-', `${UPPER}{6}-(?:${UPPER}{11}|${UPPER}{6}-${UPPER}{5})(?:-${UPPER}{5}){3}`),
  token('age-secret-key', ['AGE-SECRET-KEY-1', 'AGE-SECRET-KEY-PQ-1', 'age-secret-key-1'], `[A-Za-z0-9]{50,}`),
  wordToken('prefect-key', ['pnu_', 'pnb_'], `${ALNUM}{36}`),
  wordToken('readme-key', 'rdme_', `${LOWER}{70}`),
  wordToken('localstack-key', ['ls-'], `${ALNUM}{8}-${ALNUM}{4}-${ALNUM}{4}-${ALNUM}{4}-${ALNUM}{12}`),
  wordToken('gitpod-token', 'gitpod_pat_', `[A-Za-z0-9_.-]{20,}`),
  wordToken('jetbrains-token', ['perm:', 'perm-'], `[A-Za-z0-9=_-]{4,100}\\.[A-Za-z0-9=_-]{4,100}\\.${ALNUM}{20,}`),
  wordToken('phabricator-token', ['api-', 'cli-'], `(?=[a-z]{0,27}[0-9])${LOWER}{28}`),
  wordToken('weblate-token', ['wlu_', 'wlp_'], `${ALNUM}{36,}`),
  wordToken('gitguardian-token', ['ggtt-'], `[a-z]-[a-z0-9]{10,}`),
  wordToken('socket-token', ['sktsec_'], `${WORD}{30,}`),
  wordToken('jsr-token', ['jsrt_', 'jsrd_', 'jsrp_', 'jsrs_'], `${ALNUM}{36}`),
];
