// Payments, shops, shipping and exchanges. Publishable keys (`pk_live_`) are made to stand in pages and are left alone.

import { ALNUM, HEX, LOWER, UUID, WORD, token, wordToken } from '../token-rule.ts';
import type { TokenRule } from '../token-rule.ts';

export const MONEY_TOKENS: readonly TokenRule[] = [
  wordToken('stripe-key', ['sk_live_', 'sk_test_', 'sk_prod_', 'rk_live_', 'rk_test_', 'rk_prod_'], `${ALNUM}{10,}`),
  wordToken('stripe-key', ['sk_org_live_', 'sk_org_test_'], `${ALNUM}{10,}`),
  wordToken('stripe-webhook-secret', 'whsec_', `[A-Za-z0-9+/=]{24,}`),
  token('shopify-token', ['shpat_', 'shpca_', 'shppa_', 'shpss_', 'shptka_', 'shpua_', 'shprt_'], `${HEX}{30,}`),
  token('square-secret', 'sq0csp-', `${WORD}{40,}`),
  token('square-token', ['sq0atp-', 'sq0idp-'], `${WORD}{20,}`),
  wordToken('square-token', 'EAAA', `${WORD}{56,}`),
  wordToken('paypal-token', ['access_token$production$', 'access_token$sandbox$'], `${LOWER}{16}\\$${HEX}{32}`),
  wordToken('braintree-key', ['production_', 'sandbox_'], `${LOWER}{8}_${LOWER}{16}`),
  wordToken('adyen-key', ['AQE'], `[A-Za-z0-9+/=]{60,}(?:-[A-Za-z0-9+/=]{20,})?(?:-[^\\s"'<>]{10,20})?`),
  wordToken('plaid-token', ['access-sandbox-', 'access-development-', 'access-production-'], UUID),
  wordToken('flutterwave-key', ['FLWSECK_TEST-', 'FLWSECK-', 'FLWSECK_LIVE-'], `${ALNUM}{12,32}(?:-X)?`),
  wordToken('razorpay-key', ['rzp_live_', 'rzp_test_'], `${ALNUM}{14,}`),
  wordToken('gocardless-token', ['live_', 'sandbox_'], `(?=${WORD}{0,39}[A-Z0-9])${WORD}{40}`),
  wordToken('mollie-key', ['live_', 'test_'], `${ALNUM}{30}`),
  wordToken('lob-key', ['live_', 'test_'], `${HEX}{35}`),
  wordToken('duffel-token', ['duffel_test_', 'duffel_live_'], `[A-Za-z0-9_=-]{40,}`),
  wordToken('shippo-token', ['shippo_live_', 'shippo_test_'], `${HEX}{40}`),
  wordToken('easypost-key', ['EZAK', 'EZTK'], `${ALNUM}{54}`),
  wordToken('coinbase-key', ['organizations/'], `${UUID}/apiKeys/${UUID}`),
  wordToken('checkout-key', ['sk_sbox_', 'sk_'], `(?:${UUID}|[a-z0-9]{26,32})`),
  wordToken('paddle-key', ['pdl_live_apikey_', 'pdl_sdbx_apikey_'], `[A-Za-z0-9_]{40,}`),
  wordToken('xendit-key', ['xnd_development_', 'xnd_production_'], `${ALNUM}{40,}`),
  wordToken('polar-token', ['polar_oat_', 'polar_pat_', 'polar_cs_', 'polar_rk_'], `${WORD}{32,}`),
];
