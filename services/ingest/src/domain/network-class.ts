/**
 * What kind of network an address belongs to, from the number and the registered name of its autonomous system (AS): all a free database tells.
 *
 * An AS is an organisation, not a line. So an operator that carries phones and houses in one AS is `unknown` rather than half wrong, and a VPN that
 * rents from a data centre is `hosting` unless the data centre lives off VPNs. What is in no list and bears no telling word is `fixed`: of the 84,000
 * systems nearly all are local providers, firms and schools, and the few hundred operators of mobile networks are listed.
 */
export type NetworkKind = 'unknown' | 'fixed' | 'mobile' | 'hosting' | 'vpn';

/** What a system is whose name does not say it. */
const BY_NUMBER: ReadonlyMap<number, NetworkKind> = new Map([
  // Egress of iCloud Private Relay (also of WARP for Cloudflare): the people are elsewhere, though often in the same city.
  [13335, 'vpn'],
  [36183, 'vpn'],
  [54113, 'vpn'],
  // Where commercial VPNs have most of their exits: M247, Datacamp.
  [9009, 'vpn'],
  [212238, 'vpn'],
  [60068, 'vpn'],
  // Registered as "Verizon Business", used by Verizon Wireless; AT&T Mobility; both beside systems for lines.
  [6167, 'mobile'],
  [22394, 'mobile'],
  [20057, 'mobile'],
  // Operators that keep their phones apart: TIM Brasil, Vivo, Jio, Airtel and Vi of India, MegaFon, Beeline, O2 UK, SK Telecom, Play, Safaricom.
  [26615, 'mobile'],
  [26599, 'mobile'],
  [55836, 'mobile'],
  [45609, 'mobile'],
  [38266, 'mobile'],
  [45271, 'mobile'],
  [55410, 'mobile'],
  [31133, 'mobile'],
  [16345, 'mobile'],
  [35228, 'mobile'],
  [9644, 'mobile'],
  [9141, 'mobile'],
  [33771, 'mobile'],
  // Mobile by name, lines by trade as well; host by name, provider of homes by trade.
  [9808, 'unknown'],
  [37611, 'fixed'],
]);

/** Services that lend people their address: VPN, anonymisers, proxies of firms, browsers with a proxy of their own. */
const LENDS_ADDRESSES =
  /\bvpn|vpn\b|packethub|tefincom|\bproton ag\b|mullvad|31173 services|surfshark|windscribe|anonymi[sz]er|zwiebelfreunde|applied privacy|\btor (?:servers|exit)|zscaler|netskope|\biboss\b|menlo security|opera software|opera norway|\bavast\b|private internet access|cyberzone s\.a|check point software|stiftung erneuerbare|unredacted inc/i;

/** Words in which data centres name themselves. */
const SAYS_HOSTING =
  /\bweb ?host|hosting|\bhost(?!els?\b|ess)[a-z0-9]*|[a-z]host\b|\bcloud|cloud\b|data ?-?cent(?:er|re)|datacent|\b[a-z]*servers?\b|\bvp[sn]\b|\bvds\b|\bcolo\b|colocation|co-location|\bidc\b|\bcdn|leaseweb|bare ?metal|\bdedicated\b/i;

/** Data centres whose name has none of these words. */
const KNOWN_HOSTING =
  /^(?:amazon|a100 row|google (?:llc|cloud)|microsoft|hetzner|ovh|digitalocean|akamai|the constant company|vultr|linode|contabo|scaleway|online s\.?a\.?s|oracle|hangzhou alibaba|alibaba|shenzhen tencent|tencent|huawei international|byteplus|beijing volcano|selectel|jsc selectel|aruba s\.p\.a|ionos|1&1 ionos|strato|netcup|fastly|m247|datacamp|zenlayer|equinix|psychz|quadranet|frantech|hivelocity|softlayer|rackspace|godaddy|internap|limestone networks|phoenixnap|wholesale internet|worldstream|nforce|i3d\.?net|serverius|xtom|timeweb|jsc timeweb|beget|ruvds|reg\.ru|yandex|vk llc|llc vk|mail\.ru|facebook|meta platforms|apple inc|kamatera|upcloud|gigas|sakura internet|gmo internet|nine internet|squarespace|automattic|wix\.com|shopify|heroku|github|dropbox|salesforce|stark industries|1337 services|aeza|pq hosting|alexhost|melbikom|melbicom|velia\.net|myloc|firstcolo|intergenia|plusserver|unified layer|endurance|new dream network|liquid web|interserver|b2 net solutions|servermania|sharktech|gorack|datashack|it7 networks|ucloud|kingsoft|baidu|beijing baidu|naver cloud|gcore|g-core|edgecast|edgio|limelight|incapsula|imperva|stackpath|highwinds|voxility|terrahost|portlane|glesys|atman|larus|performive|tierpoint|multacom|clouvider|eonix|ntirety|quickpacket|esited|xneelo|krypt technologies|uk-2 limited|ghostnet|enzu inc|deft\.com|corespace|input output flood|tzulo|hydra communications|carinet|logicweb|webnx|webair|heart internet|webzilla|masterdc|netactuate|handy networks|turnkey internet|nocix|gigenet|reliablesite|nodes direct|zomro|keyweb|volico|rootlayer|home\.pl|nazwa\.pl|cyber_folks|aire networks)/i;

/** Words of networks for phones. "Wireless" is none of them: most who call themselves so are providers of fixed radio lines. */
const SAYS_MOBILE =
  /\bmobiles?\b|\bmobil\b|\bm[oó]vil(?:es)?\b|movilnet|radiomovil|telemovil|\bcellular\b|\bcelular\b|\bcell c\b|cell service|\bgsm\b|\bpcs\b|docomo|selular|vietnamobile|hutchison 3g|\bhi3g\b|rakuten mobile|syriatel|turkcell|kyivstar|iliad italia|^t-mobile usa|advanced (?:info|wireless)/i;

/** Words that take it back: cars and oil, lines of a mobile brand, operators that sell lines under a mobile name. */
const NOT_MOBILE = /automobil|exxon|\bfixed\b|broadband|\bcable\b|kabel|\bfib(?:er|re)\b|^t-mobile (?!usa)|china mobile/i;

/** Operators that have phones and lines in one system, and carriers that carry everybody: nothing can be said. */
const CARRIES_BOTH = new RegExp(
  `\\b(?:${[
    'at ?& ?t|verizon|sprint|us cellular|rogers|bell canada|bell mobility|telus|videotron|shaw|freedom mobile',
    'vodafone|vodacom|orange|telef[oó]nica|movistar|deutsche telekom|t-mobile|o2|telekom|magenta|a1|telia|telenor|tele2|tele ?2|elisa|dna|tdc|three|hutchison',
    'bt|british telecommunications|ee|sky uk|virgin media|talktalk|kpn|odido|liberty global|proximus|telenet|swisscom|sunrise|salt',
    'sfr|societe francaise du radiotelephone|bouygues|free|iliad|telecom italia|tim|wind|wind ?tre|fastweb|meo|nos comunicacoes|m[aá]sm[oó]vil|xfera|euskaltel',
    'eir|eircom|one hungary|ote|cosmote|cyta|polska|polkomtel|plus|netia|cetin|slovak telekom|magyar telekom|digi|telekom romania|vivacom|yettel|bulgarian telecommunications|mts|telekom srbija|hrvatski telekom|telemach',
    'rostelecom|megafon|vimpelcom|beeline|mobile telesystems|moscow city telephone|er-telecom|kazakhtelecom|kcell|uztelecom|ucom|magticom|lifecell|ukrtelecom|beltelecom|velcom|moldtelecom|azercell',
    'turk telekom\\w*|superonline|turknet|bezeq|cellcom|partner communications|pelephone|hot telecom\\w*|etisalat|emirates (?:integrated )?telecommunications|du|stc|saudi telecom|zain|etihad|mobily|ooredoo|omantel|batelco|viva|touch|alfa|jawwal|paltel',
    'iran telecommunication|mtn|airtel|safaricom|telkom|tunisie telecom|telecom algeria|djezzy|maroc telecom|itissalat|inwi|meditelecom|wana|te-as|telecom egypt|we|glo|globacom|ethio|ethiotelecom|unitel|econet|cell c|tigo|millicom|moov|sonatel|africell|lonestar|movicel|halotel|telma|emtel|orange',
    'reliance|jio|bharti|bharat sanchar|bsnl|vodafone idea|tata|pakistan telecommuication|ptcl|jazz|zong|ufone|telenor|grameenphone|banglalink|robi|dialog axiata|slt|ncell|nepal telecom',
    'chinanet|china (?:telecom\\w*|unicom|tietong|mobile)|unicom|chunghwa|far ?eas(?:tone|t ?tone)|taiwan mobile|hkt|pccw|smartone|csl|ntt|kddi|softbank|korea telecom|sk broadband|lg (?:uplus|dacom|powercomm)',
    'singtel|singapore telecommunications|starhub|m1|tm technology|telekom malaysia|maxis|celcom|digi telecommunications|u mobile|telekomunikasi indonesia|indosat|xl axiata|smartfren|viettel|vnpt|mobifone|ais|true|total access|dtac|smart|globe|philippine long distance|converge|dito',
    'syrian telecom|scancom|aircel|mauritius ?telecom|telecel|telgua|compania dominicana de telefonos|tot|seacom|liquid telecom\\w*',
    'telstra|optus|tpg|vocus|spark|one new zealand|two degrees|claro|telmex|telcel|uninet|am[eé]rica m[oó]vil|comcel|entel|telecom argentina|wom|vtr|etb|colombia telecomunicaciones|une|tigo|cantv|cnt|corporacion nacional de telecomunicaciones|antel|administracion nacional de telecomunicaciones|copaco|personal|oi|v tal|brisanet|algar|nextel|instituto costarricense|liberty (?:puerto rico|latin)|digicel|cable & wireless|flow',
    'level 3|lumen|centurylink|cogent|gtt|zayo|hurricane electric|tata communications|arelion|colt|retn|telxius|sparkle|starlink|space exploration|viasat|hughes|ses|eutelsat|intelsat|gogo',
  ].join('|')})\\b`,
  'i',
);

/** @param asn number of the autonomous system; 0 for an address that nobody announces */
export function networkOf(asn: number, organisation: string): NetworkKind {
  if (asn === 0 || organisation === '') return 'unknown';
  const listed = BY_NUMBER.get(asn);
  if (listed !== undefined) return listed;
  if (LENDS_ADDRESSES.test(organisation)) return 'vpn';
  if (SAYS_HOSTING.test(organisation) || KNOWN_HOSTING.test(organisation)) return 'hosting';
  if (SAYS_MOBILE.test(organisation) && !NOT_MOBILE.test(organisation)) return 'mobile';
  return CARRIES_BOTH.test(organisation) ? 'unknown' : 'fixed';
}
