/** What the server writes behind the dialog of a workspace: nothing that a visitor of the site does not see anyway. */
export interface WidgetSettings {
  /** Who asks to be allowed to write; empty: the host of the page. */
  readonly business: string;
  /** One of the languages of the dialog; empty: as the page says, else as the browser does. */
  readonly language: string;
  /** `#rrggbb` of the main buttons, and of the words on them: black or white, whichever is the easier to read. */
  readonly accent: string;
  readonly onAccent: string;
  /** Pixels that stay free at every edge of the window, besides what bars of the page take. */
  readonly offset: number;
  readonly zIndex: number;
  /** Where the business says what it does with a number; empty: no link. */
  readonly privacyUrl: string;
  /** Placements that write first to whoever leaves a number. */
  readonly sendback: readonly string[];
}

/** The tap that opened the dialog, as the snippet has registered it. */
export interface Tap {
  /** The link with the person's own code, in the form the site gave it. */
  readonly href: string;
  readonly code: string;
  /** Id of the click: whatever the person does now is this click. */
  readonly id?: string | undefined;
  readonly placement: {
    readonly name: string;
    /** Account of a pool. */
    readonly account?: string;
    /** The link without what carries the code. */
    readonly base: string;
  };
}

/** Sends the form with the visit of the page; undefined when the page may not. */
export type SendForm = (form: Readonly<Record<string, unknown>>) => Promise<Response> | undefined;

export type ShowWays = (tap: Tap, send: SendForm) => void;
