// Providers whose keys are random and nothing more. What stands beside such a name and a word for a credential is one
// if no person would have typed it: a hash or a UUID too.

/** Lower case, `_` for any joint. None of them is a word that text is full of. */
export const PROVIDERS: readonly string[] = (
  'abstractapi abuseipdb accuweather activecampaign agora airbrake aircall airship aiven alchemer alienvault ' +
  'alpaca alphavantage amplitude anypoint apollo_io appcues appdynamics appfollow applitools appoptics ' +
  'appsflyer appveyor appwrite arcgis arize auth0 authorizenet autodesk automox aviationstack axonaut aylien ' +
  'backblaze bamboohr bandwidth baremetrics basecamp baseten bitbar bitfinex bitgo bitly bitmex bitrise ' +
  'blitapp blockfrost brandfetch braze browserless browserstack bugherd bunny_cdn bunnycdn bybit cal_com ' +
  'calendarific calendly campaign_monitor campaignmonitor capsulecrm captaindata catchpoint censys ' +
  'centralstation chargebee chartmogul chatbase checkly chroma_api civo clarifai clearbit clickatell clicksend ' +
  'clicky clinchpad clockify clockwork_sms cloudconvert cloudflare_r2 cloudimage cloudinary cloudsight ' +
  'cloudsmith clubhouse clustdoc codacy codefresh codesandbox codeship coinapi coingecko coinlayer coinlib ' +
  'coinmarketcap commercetools companyhub configcat constant_contact convertapi convertkit copper_crm ' +
  'couchbase coveralls crates_io crowdin crowdstrike cryptocompare currencylayer currentsapi customer_io ' +
  'customerio cypress dareboost databox datagov deepai deepl deepseek delighted descope detectify ' +
  'detectlanguage dialogflow digicert digitalocean disqus documo docusign dovico dreamstudio dribbble duckdns ' +
  'dwolla dynadot dynalist easyinsight edamam egnyte elevenlabs emailoctopus enablex endorlabs equinix ' +
  'eventbrite everhour exa_api exchangerates exoscale facepp fibery fileio finage fireworks_ai fixerio ' +
  'flagsmith flatio fleetbase flightapi flightstats flowflu foursquare freshsales frontegg fullcontact ' +
  'fullstory fusebill fusionauth gandi geckoboard gengo geoapify geocodio getresponse ghost_admin giphy ' +
  'glassnode godaddy goodreads google_maps graphcms graphhopper grooveapp groovehq guardianapi gumroad gusto ' +
  'happyscribe harvest_api hashnode heapanalytics hellosign helpcrunch helpscout hereapi hive_api honeybadger ' +
  'hostinger hotjar hunter_io hunterio huobi hybiscus hypertrack iconfinder iex_cloud iexcloud imagekit imgur ' +
  'imperva insightly instabug instamojo instana integromat ipapi ipgeolocation ipify ipquality iterable ' +
  'jotform jumpcloud kaggle kairos kanbantool keen_io keycdn kickbox klaviyo klipfolio kontent kylas lacework ' +
  'lambdatest langfuse langsmith languagelayer lastfm launchable leadfeeder lemlist lemonsqueezy ' +
  'lessannoyingcrm lexigram libraries_io line_channel linenotify liveagent livekit livestorm loadmill ' +
  'locationiq logentries loginradius loginsight logz_io lokalise lucidchart mailboxlayer mailerlite mailersend ' +
  'mailmodo mailtrap mapquest marketstack mediastack mem0 memcachier mesibo metaapi metabase metrilo microcms ' +
  'mindmeister mixmax mixpanel mockaroo moengage mollie monday_api monkeylearn moonclerk moosend moralis ' +
  'mux_api mxrouting myfreshworks namecheap neon_api netcore netsuite neutrino newsapi newscatcher nftport ' +
  'nicereply nightfall noticeable notion_api novu nozbe ns1 numverify nutritionix nylas oanda okx omnisend ' +
  'onedesk onelogin onesignal onwater oopspam opencage opengraph openuv optimizely ory_api owlbot packagecloud ' +
  'paddle_api pandadoc pandascore papertrail parseur partnerstack passbase pastebin pastery paymongo paystack ' +
  'pdflayer pdfshift peopledatalabs pepipost percy pexels phrase_api pinata pingdom pipedream pipedrive ' +
  'pixabay planview planyo plausible podio pollsapi poloniex polygon_io portainer portkey positionstack ' +
  'postageapp posthog powerbi prerender prismic privacy_com prodpad productboard proxycrawl pubnub pulsedive ' +
  'pushbullet pusher pushover qase qdrant qualaroo qualtrics quandl quickbase quickbooks quicknode rackspace ' +
  'ramp_api raygun rebrandly rechargepayments recurly refiner rentman repairshopr reply_io resend restpack ' +
  'rev_ai revampcrm ringcentral ritekit robinhood rocketchat rocketreach rownd runrunit salesflare salesloft ' +
  'salesmate satismeter saucelabs scaledrone scalyr scrapeowl scraperapi scrapfly scrapingbee screenshotapi ' +
  'scrutinizer sealights securitytrails segment_write selectpdf sellfy semrush sendinblue serpapi serper ' +
  'serphouse serpstack sheety shodan shortcut_api shotstack showwcase shutterstock signable signalfx ' +
  'signalwire signaturit signrequest signupgenius simplesat simplynoted simvoly sinch sirv siteleaf skrappio ' +
  'skybiometry slite smartsheet smartystreets smooch snipcart snowplow sonarcloud speechmatics speechtext ' +
  'splunkobservability spoonacular sportradar spotinst statsig statuscake statuspage stockdata storecove ' +
  'stormboard stormglass storyblok storychief strava stripe stripo stytch sugester supernotes surveyanyplace ' +
  'surveybot surveymonkey survicate swiftype synthesia tallyfy tatum tavily taxjar teamgate teamviewer ' +
  'teamwork techsmith teletype telnyx testingbot textmagic thanks_io thecatapi thinkific thousandeyes ' +
  'ticketmaster tickettailor tiingo timekit timezoneapi tmetric todoist toggl toggltrack tokeet tomorrow_io ' +
  'tomtom tradier transferwise travelpayouts tumblr twelvedata twelvelabs tyntec typesense ubidots unplugg ' +
  'unsplash upcloud uploadcare upstash uptime_robot uptimerobot urlscan user_com userflow userstack vatlayer ' +
  'vbout verimail veriphone versioneye victorops vimeo virustotal visualcrossing voiceflow voicegain vouchery ' +
  'vpnapi vyte wakatime walkscore wavefront weatherapi weatherbit weatherstack webex webflow webscraper wepay ' +
  'whatcms whoxy wistia woocommerce wordnik workato workday workos worldcoin worldpay worldweather wrike xata ' +
  'xero youneedabudget youtube zapier zenrows zenscrape zenserp zeplin zerobounce zerossl zerotier zipapi ' +
  'zipbooks zipcodebase zoho zonka zoominfo zulip'
).split(' ');
