import type { WidgetSettings } from '../widget-settings.ts';
import type { Bars } from './fixed-bars.ts';

/**
 * The look of the dialog. A site changes it by custom properties (`--messtrack-accent: …` on any ancestor, `:root` say), which pass into shadow roots. The host
 * resets everything it would inherit, with `!important`: between a shadow root and its page the inner one wins then.
 */
export function styleText({ accent, onAccent, zIndex }: WidgetSettings): string {
  return `
:host {
  all: initial !important;
  position: fixed !important;
  inset: 0 !important;
  inset-block: var(--from-top, 0px) var(--from-bottom, 0px) !important;
  z-index: var(--messtrack-z-index, ${zIndex}) !important;
  display: block !important;
  --accent: var(--messtrack-accent, ${accent});
  --on-accent: var(--messtrack-on-accent, ${onAccent});
  --surface: var(--messtrack-surface, #ffffff);
  --text: var(--messtrack-text, #1a1d1f);
  --muted: var(--messtrack-muted, #53595e);
  --line: var(--messtrack-line, #767d83);
  --error: var(--messtrack-error, #a8071a);
  --radius: var(--messtrack-radius, 14px);
}
.veil {
  position: absolute;
  inset: 0;
  box-sizing: border-box;
  display: grid;
  place-items: center;
  padding: var(--offset);
  background: rgb(15 20 24 / 0.55);
  font: 400 15px/1.45 var(--messtrack-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  color: var(--text);
  -webkit-text-size-adjust: 100%;
}
.panel {
  box-sizing: border-box;
  position: relative;
  inline-size: 100%;
  max-inline-size: 660px;
  max-block-size: 100%;
  overflow: auto;
  overscroll-behavior: contain;
  padding: 28px;
  border-radius: var(--radius);
  background: var(--surface);
  box-shadow: 0 18px 60px rgb(0 0 0 / 0.35);
  outline: none;
  text-align: start;
}
h2, h3, p, form { margin: 0; padding: 0; }
h2 { font-size: 22px; line-height: 1.25; font-weight: 650; padding-inline-end: 44px; text-wrap: balance; }
h3 { font-size: 15px; font-weight: 650; }
.draft { margin-block-start: 6px; color: var(--muted); padding-inline-end: 44px; }
.close {
  position: absolute;
  inset-block-start: 18px;
  inset-inline-end: 18px;
  inline-size: 40px;
  block-size: 40px;
  padding: 10px;
  border: 0;
  border-radius: 50%;
  background: none;
  color: var(--muted);
  cursor: pointer;
}
.close:hover { background: color-mix(in srgb, var(--text) 9%, transparent); color: var(--text); }
.close svg { display: block; inline-size: 20px; block-size: 20px; }
.ways { display: flex; flex-wrap: wrap; gap: 28px 32px; margin-block-start: 22px; }
.scan { flex: 0 1 auto; display: flex; flex-direction: column; gap: 10px; }
.scan .picture { padding: 4px; border: 1px solid var(--line); border-radius: 10px; background: #fff; inline-size: fit-content; forced-color-adjust: none; }
.scan .picture svg { display: block; max-inline-size: 100%; block-size: auto; }
.scan p { color: var(--muted); font-size: 14px; }
.rest { flex: 1 1 230px; display: flex; flex-direction: column; gap: 22px; min-inline-size: 0; }
section { display: flex; flex-direction: column; gap: 10px; }
.write { gap: 10px; padding-block-start: 20px; border-block-start: 1px solid color-mix(in srgb, var(--line) 45%, transparent); }
.main {
  display: block;
  box-sizing: border-box;
  inline-size: 100%;
  padding: 11px 18px;
  border: 1px solid transparent;
  border-radius: calc(var(--radius) - 4px);
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
.main:hover { box-shadow: inset 0 0 0 2px color-mix(in srgb, var(--on-accent) 55%, transparent); }
.main[aria-disabled="true"] { cursor: progress; opacity: 0.85; }
.write .main { background: var(--surface); color: var(--text); border-color: var(--line); }
.write .main:hover { box-shadow: inset 0 0 0 1px var(--text); }
.other { color: var(--text); text-decoration: underline; text-underline-offset: 3px; align-self: center; font-size: 14px; }
form { display: flex; flex-direction: column; gap: 10px; }
label { display: block; }
.field { font-size: 14px; color: var(--muted); }
input[type="tel"] {
  display: block;
  box-sizing: border-box;
  inline-size: 100%;
  margin-block-start: 4px;
  padding: 10px 12px;
  border: 1px solid var(--line);
  border-radius: calc(var(--radius) - 4px);
  background: var(--surface);
  color: var(--text);
  font: inherit;
  font-size: 16px;
}
input::placeholder { color: var(--muted); opacity: 1; }
input[aria-invalid="true"] { border-color: var(--error); box-shadow: 0 0 0 1px var(--error); }
.agree { display: flex; gap: 9px; align-items: flex-start; font-size: 14px; }
.agree input { flex: none; inline-size: 18px; block-size: 18px; margin: 1px 0 0; accent-color: var(--accent); }
.privacy { color: inherit; }
.answer { display: block; font-size: 14px; }
.answer:empty { display: none; }
.answer.wrong { color: var(--error); }
.answer.right { font-weight: 600; }
:focus-visible { outline: 3px solid var(--text); outline-offset: 2px; }
.panel:focus-visible { outline: none; }
@media (max-width: 560px) {
  .panel { padding: 22px 18px; }
  .close { inset-block-start: 12px; inset-inline-end: 10px; }
  .ways { gap: 22px; flex-direction: column; }
  .rest { flex: 0 0 auto; }
  .scan .picture { align-self: center; }
  .scan p { text-align: center; }
}
@media (prefers-reduced-motion: no-preference) {
  .veil { animation: appear 0.16s ease-out; }
  .panel { animation: rise 0.2s ease-out; }
  @keyframes appear { from { opacity: 0; } }
  @keyframes rise { from { transform: translateY(14px); } }
}
@media print { :host { display: none !important; } }
`;
}

/** What changes while the dialog is open, as a rule of its own: a style attribute is what policies forbid. */
export function placeText({ offset }: WidgetSettings, { top, bottom }: Bars): string {
  return `:host { --from-top: ${top}px; --from-bottom: ${bottom}px; } .veil { --offset: max(${offset}px, var(--messtrack-offset, 0px)); }`;
}
