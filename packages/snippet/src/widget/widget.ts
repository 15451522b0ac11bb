import type { ShowWays, WidgetSettings } from '../widget-settings.ts';
import { showDialog } from './dialog.ts';
import { element } from './element.ts';
import { spoken } from './language.ts';
import { qrPicture } from './qr-picture.ts';
import { sendbackForm } from './sendback-form.ts';
import { waysOf } from './ways.ts';

/** The snippet leaves links alone that say so: their code is in the log already, and one tap is one click. */
const REGISTERED = { 'data-messtrack': 'off' };

/** On computers a tap gives three ways to go on: the app here, the phone by its camera, or the business writes first. */
export const widget =
  (settings: WidgetSettings): ShowWays =>
  (tap, send) => {
    const { language, words } = spoken(settings.language, document.documentElement.lang, navigator.languages);
    const { messenger, phone, app, web, hasDraft } = waysOf(tap);
    const picture = qrPicture(phone, words.picture(messenger));
    // An app's own scheme opens no tab; a tab would stay behind empty.
    const tab = (href: string) => (/^https?:/.test(href) ? { target: '_blank', rel: 'noopener' } : {});
    const link = (href: string, style: string, text: string) => element('a', { href, class: style, ...tab(href), ...REGISTERED }, text);

    showDialog(settings, {
      language,
      title: words.title(messenger),
      close: words.close,
      parts: [
        hasDraft ? element('p', { class: 'draft' }, words.draft) : undefined,
        element(
          'div',
          { class: 'ways' },
          picture &&
            element(
              'section',
              { class: 'scan' },
              element('h3', {}, words.phone),
              element('div', { class: 'picture' }, picture),
              element('p', {}, words.scan),
            ),
          element(
            'div',
            { class: 'rest' },
            element(
              'section',
              {},
              element('h3', {}, words.here),
              link(app, 'main', words.open(messenger)),
              web === undefined ? undefined : link(web, 'other', words.web(messenger)),
            ),
            settings.sendback.includes(tap.placement.name)
              ? element(
                  'section',
                  { class: 'write' },
                  element('h3', {}, words.write),
                  sendbackForm(settings, words, settings.business || location.hostname, messenger, tap, send),
                )
              : undefined,
          ),
        ),
      ],
    });
  };
