import type { ChooseMember, SnippetSettings } from '../settings.ts';
import type { SendForm, ShowWays } from '../widget-settings.ts';
import {
  type Consent,
  type ConsentMode,
  consentModeSignal,
  decideConsent,
  type Signal,
  type TcData,
  takeConsentEntry,
  tcfSignal,
} from './consent.ts';
import { createMemory, toJson } from './memory.ts';
import { createOutbox, post } from './outbox.ts';
import { randomId } from './random.ts';
import { type Guard, watchTaps } from './taps.ts';
import { readTouch } from './touch.ts';
import { createVisits } from './visit.ts';

/** `['consent', true]`, `['consent', { store: true, ads: false }]`, `['link', 'site-button']` or `['sendback', { placement: 'site-form', … }]`. */
type Call = readonly [command: string, value?: unknown];
interface Form {
  readonly placement: string;
}
type Answer = string | Promise<Response> | undefined;
type Handler = (call: Call) => Answer;

/** What pages may call. Before the script is there: `(window.messtrack = window.messtrack || []).push(['consent', true])`. */
interface Api {
  push(call: Call): Answer;
  consent: (value: boolean | Signal) => void;
  /** A link of the placement with a code in it that counts as clicked, for pages that navigate by script. */
  link: (placement: string) => Answer;
  /** Asks the business to write first: what POST /v1/sendback takes, with the visit added. */
  sendback: (form: Form) => Answer;
  /** All calls so far, for a script of another workspace that comes later. */
  readonly calls: Call[];
  /** One for each workspace of the page. */
  readonly handlers: Record<string, Handler>;
}

interface PageWindow extends Window {
  messtrack?: Api | Call[];
  dataLayer?: unknown[];
  __tcfapi?: (command: string, version: number, callback: (data: TcData, isSuccess: boolean) => void) => void;
}

/** Nothing of ours may be seen by the page's visitors, least of all its errors. */
const guard: Guard =
  (work) =>
  (...args) => {
    try {
      return work(...args);
    } catch {
      // The page goes on.
      return undefined;
    }
  };

/** Starts the script on a page, once per workspace. Beacons go to where it was loaded from, below the same path. */
export const start = guard(
  (
    workspace: SnippetSettings[0],
    all: SnippetSettings[1],
    forms: SnippetSettings[2],
    isStoring?: SnippetSettings[3],
    choose: ChooseMember = ([only]) => only,
  ): void => {
    const page = window as PageWindow;
    // Loaders that fetch and run text have no current script, but somewhere on the page its tag.
    const script = document.currentScript ?? document.querySelector(`script[src*="/s/${workspace}.js"]`);
    const base = (script as HTMLScriptElement).src.split('/s/')[0]!;
    const placements = all.filter(({ origins }) => origins.includes(location.origin));
    // Whatever else has this name: an element with this id is one of the window's properties too.
    const { messtrack: early } = page;
    const calls = Array.isArray(early) ? early : [];
    const api = (early as Partial<Api> | undefined)?.handlers ? (early as Api) : newApi(calls);
    // Two tags of one workspace are a mistake that must not count everything twice.
    if (api.handlers[workspace]) return;
    page.messtrack = api;

    const memory = createMemory(`messtrack.${workspace}`);
    const outbox = createOutbox(base, memory);
    let consent: Consent = { store: false, ads: false };
    const visits = createVisits(workspace, memory, readTouch(location.search, document.referrer, location.origin), () => consent);
    const mode: ConsentMode = [{}, {}, {}];
    const sentForms: Record<string, string> = {};
    let own: Signal = {};
    let tcf: Signal | undefined;

    const report = guard((): void => {
      const body = visits.news();
      if (body) outbox.report(body);
    });
    const show = guard((): void => {
      if (visits.page()) report();
      outbox.flush();
    });
    const look = guard((): void => {
      consent = decideConsent(
        !!isStoring,
        own,
        [consentModeSignal(mode), tcf ?? {}],
        (navigator as { readonly globalPrivacyControl?: boolean }).globalPrivacyControl,
      );
      if (memory.allow(consent.store)) later();
    });

    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = (): void => {
      clearTimeout(timer);
      timer = setTimeout(
        guard(() => {
          const { __tcfapi: ask } = page;
          // Until it has answered, the banner has not been answered either.
          if (ask && !tcf) {
            tcf = { store: false, ads: false };
            guard(ask)(
              'addEventListener',
              2,
              guard((data, isSuccess) => {
                if (isSuccess) tcf = tcfSignal(data);
                look();
              }),
            );
          }
          look();
          show();
        }),
      );
    };

    const linkTo = watchTaps(
      placements,
      forms,
      choose,
      ({ placement, code, greeting }) => {
        const id = randomId();
        outbox.click({
          workspace,
          placement: placement.name,
          account: placement.account,
          click_id: id,
          code,
          time: Date.now(),
          greeting_variant: greeting,
          ...visits.clickOrigin(),
        });
        report();
        return id;
      },
      (tap) => {
        import(`${base}/s/${workspace}/widget.js`)
          .then((module: { readonly default: ShowWays }) =>
            module.default(tap, (form) => handle(['sendback', form]) as ReturnType<SendForm>),
          )
          // The line is away, or the browser too old for it: the link works without.
          .catch(() => location.assign(tap.href));
      },
      guard,
    );
    const handle: Handler = ([command, value]) => {
      if (command === 'link') return linkTo(value);
      if (command === 'sendback') {
        if (!placements.some(({ name }) => name === (value as Form).placement)) return undefined;
        // A form that is sent again, with the same in it, is the same message.
        const text = toJson(value);
        sentForms[text] ??= randomId();
        return post(`${base}/v1/sendback`, { workspace, click_id: sentForms[text], ...visits.clickOrigin(), ...(value as Form) });
      }
      own = Object(value) === value ? (value as Signal) : ({ store: value, ads: value } as Signal);
      look();
      return undefined;
    };
    api.handlers[workspace] = guard(handle);
    for (const call of api.calls) if (call[0] === 'consent') handle(call);

    // gtag's own idiom makes the list, whoever comes first; everything it ever says goes through `push`.
    const take = guard((entry: unknown) => takeConsentEntry(mode, entry));
    guard(() => {
      page.dataLayer ??= [];
      const layer = page.dataLayer;
      layer.forEach(take);
      const { push } = layer;
      layer.push = (...entries) => {
        entries.forEach(take);
        look();
        return push.apply(layer, entries);
      };
    })();

    guard(() => {
      for (const name of ['pushState', 'replaceState'] as const) {
        const change = history[name];
        history[name] = (...args) => {
          change.apply(history, args);
          later();
        };
      }
    })();
    for (const type of ['popstate', 'online', 'pageshow', 'load', 'prerenderingchange']) addEventListener(type, later, true);
    addEventListener('pagehide', report);
    // A page rendered in advance was not seen yet.
    if (!(document as { readonly prerendering?: boolean }).prerendering) later();
  },
);

function newApi(calls: Call[]): Api {
  const api = {
    calls,
    handlers: {},
    push(call: Call) {
      calls.push(call);
      let answer: Answer;
      for (const handler of Object.values(api.handlers)) answer ??= handler(call);
      return answer;
    },
  } as unknown as Api;
  for (const command of ['consent', 'link', 'sendback'] as const) api[command] = (value: unknown) => api.push([command, value]);
  return api;
}
