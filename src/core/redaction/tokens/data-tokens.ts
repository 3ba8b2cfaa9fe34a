// Where data is kept, and where services are watched.

import { ALNUM, BASE64, BASE64_ANY, HEX, UUID, WORD, token, wordToken } from '../token-rule.ts';
import type { TokenRule } from '../token-rule.ts';

export const DATA_TOKENS: readonly TokenRule[] = [
  // Monitoring
  wordToken('datadog-key', ['ddapp_', 'ddapi_', 'ddpat_'], `${ALNUM}{32,}`),
  token('newrelic-key', ['NRAK-', 'NRIQ-', 'NRAA-', 'NRRA-'], `${ALNUM}{25,}`),
  token('newrelic-key', ['NRII-'], `${WORD}{32}`),
  token('newrelic-key', ['NRJS-'], `${HEX}{19}`),
  wordToken('newrelic-license-key', ['eu01xx'], `${HEX}{26,30}NRAL`),
  wordToken('grafana-token', ['glsa_'], `${ALNUM}{32}_${HEX}{8}`),
  wordToken('grafana-token', ['glc_'], `${BASE64}{32,}={0,3}`),
  wordToken('grafana-key', ['eyJrIjoi'], `${BASE64_ANY}{40,}`),
  token('sentry-token', ['sntrys_', 'sntryu_', 'sntrya_', 'sntryi_'], `${BASE64_ANY}{40,}`),
  token(
    'dynatrace-token',
    ['dt0c01.', 'dt0s01.', 'dt0s02.', 'dt0s03.', 'dt0s08.', 'dt0s16.'],
    `${ALNUM}{8,24}\\.${ALNUM}{60,}`,
  ),
  wordToken('honeycomb-key', ['hcaik_', 'hcamk_', 'hcbik_'], `${ALNUM}{40,}`),
  wordToken('logfire-token', ['pylf_v1_', 'pylf_v2_'], `[a-z]{2,}_${ALNUM}{40,}`),
  wordToken('posthog-key', ['phx_', 'phs_'], `${ALNUM}{40,}`),
  wordToken('axiom-token', ['xaat-', 'xapt-'], UUID),
  wordToken('elastic-key', ['essu_'], `${BASE64}{40,}={0,2}`),
  wordToken('statsig-key', ['secret-', 'console-'], `${ALNUM}{40,}`),
  wordToken('pagerduty-key', ['pdus+_', 'pdeu+_'], `[A-Za-z0-9+_-]{20,}`),
  wordToken('coralogix-key', ['cxtp_', 'cxup_'], `${ALNUM}{28,}`),
  wordToken('mezmo-key', 'sts_', `${HEX}{32}`),
  wordToken('checkly-key', ['cu_', 'cs_'], `${HEX}{32}`),
  wordToken('segment-token', 'sgp_', `${ALNUM}{64}`),
  wordToken('raygun-token', ['rgpat_'], `${ALNUM}{30,}`),
  // Data
  wordToken('databricks-token', ['dapi', 'dkea', 'dose', 'dsapi'], `${HEX}{32}(?:-[0-9]{1,2})?`),
  wordToken('planetscale-token', ['pscale_tkn_', 'pscale_oauth_', 'pscale_pw_', 'pscale_api_'], `[A-Za-z0-9_=.-]{32,}`),
  wordToken('supabase-key', ['sbp_', 'sb_secret_', 'sbp_v0_', 'sb_temp_'], `[A-Za-z0-9_]{20,}`),
  wordToken('neon-key', ['napi_'], `${ALNUM}{40,}`),
  wordToken('neon-password', ['npg_'], `${ALNUM}{10,}`),
  wordToken('clickhouse-key', '4b1d', `${ALNUM}{38}`),
  token('aiven-password', ['AVNS_'], `${WORD}{15,}`),
  wordToken('astra-token', ['AstraCS:'], `${ALNUM}{20,}:${HEX}{60,}`),
  wordToken('convex-key', ['prod:', 'dev:', 'preview:'], `[a-z0-9:-]{5,64}\\|${BASE64_ANY}{40,}`),
  wordToken('dbt-token', ['dbtc_', 'dbtu_', 'dbts_'], `${WORD}{36,}`),
  wordToken('snowflake-token', ['ver:1-hint:'], `[0-9]{4,}-ETMsDgAAA${BASE64_ANY}{60,}`),
  wordToken('confluent-secret', ['cflt'], `[A-Za-z0-9+/]{60}`),
  wordToken('mapbox-token', ['sk.eyJ', 'tk.eyJ'], `[A-Za-z0-9_-]{20,}\\.${WORD}{20,}`),
  wordToken('xata-key', ['xau_'], `${ALNUM}{24,}`),
  wordToken('cockroach-key', 'CCDB1_', `${ALNUM}{22}_${ALNUM}{40}`),
  wordToken('mongodb-atlas-secret', ['mdb_sa_sk_'], `${WORD}{40,}`),
  wordToken('materialize-password', 'mzp_', `${HEX}{64}`),
  wordToken('fauna-key', ['fnAE', 'fnAD', 'fnAF', 'fnAC'], `${WORD}{36}`),
];
