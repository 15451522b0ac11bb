import type { AppLink } from './app-link.ts';

interface Words {
  readonly open: (messenger: string) => string;
  readonly browser: string;
}

const WORDS = {
  en: { open: (messenger) => `Open ${messenger}`, browser: 'Continue in the browser' },
  ru: { open: (messenger) => `Открыть ${messenger}`, browser: 'Продолжить в браузере' },
  es: { open: (messenger) => `Abrir ${messenger}`, browser: 'Continuar en el navegador' },
  pt: { open: (messenger) => `Abrir o ${messenger}`, browser: 'Continuar no navegador' },
  de: { open: (messenger) => `${messenger} öffnen`, browser: 'Im Browser fortfahren' },
  tr: { open: (messenger) => `${messenger}'ı aç`, browser: 'Tarayıcıda devam et' },
} as const satisfies Readonly<Record<string, Words>>;

type Language = keyof typeof WORDS;

/** The style is of a fixed text, so that the policy of the page can name its hash and needs no "unsafe-inline". */
export const OPEN_APP_STYLE =
  'body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:24px;font:18px/1.4 system-ui,sans-serif;background:#fff;color:#111}a{color:#111}a.app{background:#0b6b3a;color:#fff;text-decoration:none;padding:18px 36px;border-radius:12px;font-size:22px}a:focus-visible{outline:3px solid #111;outline-offset:3px}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#eee}a:focus-visible{outline-color:#eee}}';

/**
 * A page with one button, for browsers inside other apps. A link that the person taps opens the app where a redirect does not; no script, so that nothing
 * a strict web view forbids is needed.
 */
export function openAppPage({ messenger, app, web }: AppLink, languages: readonly string[]): string {
  const language = firstKnown(languages);
  const words: Words = WORDS[language];
  const open = words.open(messenger);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(open)}</title>
<style>${OPEN_APP_STYLE}</style>
</head>
<body>
<a class="app" href="${escapeHtml(app)}">${escapeHtml(open)}</a>
<a href="${escapeHtml(web)}">${escapeHtml(words.browser)}</a>
</body>
</html>
`;
}

function firstKnown(languages: readonly string[]): Language {
  for (const tag of languages) {
    const primary = tag.split('-')[0]!.toLowerCase();
    if (Object.hasOwn(WORDS, primary)) return primary as Language;
  }
  return 'en';
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
