/**
 * What the visitor allows, from every place that may say so. Two questions: may the browser keep things and be recognised (`store`), may ids of
 * ad platforms go along (`ads`).
 */
export interface Consent {
  readonly store: boolean;
  readonly ads: boolean;
}

/** What one place says; undefined when it says nothing. */
export interface Signal {
  readonly store?: boolean | undefined;
  readonly ads?: boolean | undefined;
}

/**
 * The page's own word decides. Else one denial outweighs any grant, for two banners that disagree are no consent. Where nobody says anything, the
 * workspace's setting holds, except that Global Privacy Control keeps ads' ids back.
 */
export function decideConsent(byDefault: boolean, own: Signal, signals: readonly Signal[], isPrivate: boolean | undefined): Consent {
  const decide = (name: keyof Signal, otherwise: boolean): boolean =>
    own[name] ?? (signals.every((signal) => signal[name] !== false) && (otherwise || signals.some((signal) => signal[name])));
  const store = decide('store', byDefault);
  return { store, ads: store && decide('ads', byDefault && !isPrivate) };
}

/**
 * Google Consent Mode v2, as `gtag('consent', 'default' | 'update', {…})` writes it into the data layer: what was answered, what is denied by
 * default somewhere, and the defaults for everywhere; the first that knows a name decides.
 */
export type ConsentMode = readonly [Answers, Answers, Answers];
type Answers = Record<string, boolean>;

/**
 * Takes one entry of the data layer. A default for some regions only counts where it denies: the page does not know its region, and keeping
 * nothing until the banner is answered is never wrong.
 */
export function takeConsentEntry(mode: ConsentMode, entry: unknown): void {
  const [command, kind, given] = Array.from((entry ?? []) as ArrayLike<unknown>) as [unknown, unknown, Readonly<Record<string, unknown>>?];
  if (command !== 'consent' || !given) return;
  const answers = mode[kind === 'update' ? 0 : given['region'] ? 1 : 2];
  for (const name in given) {
    const isGranted = given[name] === 'granted';
    if ((isGranted && answers !== mode[1]) || given[name] === 'denied') answers[name] = isGranted;
  }
}

export function consentModeSignal(mode: ConsentMode): Signal {
  const said = (name: string): boolean | undefined => mode[0][name] ?? mode[1][name] ?? mode[2][name];
  const storage = said('ad_storage');
  return { store: said('analytics_storage'), ads: storage === false ? storage : (said('ad_user_data') ?? storage) };
}

/** `tcData` of `__tcfapi('addEventListener', 2, …)`, as far as it is looked at. */
export interface TcData {
  readonly gdprApplies?: boolean;
  readonly eventStatus?: string;
  readonly purpose?: { readonly consents?: Readonly<Record<string, boolean>> };
}

/** Purpose 1: store on a device; 7: measure advertising; 8: measure content. Before the banner is answered everything is denied. */
export function tcfSignal({ gdprApplies, eventStatus, purpose }: TcData): Signal {
  if (gdprApplies === false) return {};
  const allows = (id: number): boolean => eventStatus !== 'cmpuishown' && purpose?.consents?.[id] === true;
  const ads = allows(1) && allows(7);
  return { store: ads || (allows(1) && allows(8)), ads };
}
