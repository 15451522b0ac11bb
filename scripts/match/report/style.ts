/** One style for screens, dark screens, phones and paper. No fonts and no images from elsewhere. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f27; --soft: #5b6472; --line: #dfe3ea; --card: #f6f7f9;
  --certain: #17509e; --probable: #6aa5e8; --none: #98a1ae; --open: #d5dae2; --accent: #17509e; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171c; --ink: #e8ebf0; --soft: #9fa9b8; --line: #2d333d; --card: #1c2027;
    --certain: #6aa5e8; --probable: #2f66ad; --none: #76808f; --open: #3b424d; --accent: #8fbdf2; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 3rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; margin: 3rem 0 .5rem; }
p { max-width: 42rem; margin: .5rem 0; }
.soft, small { color: var(--soft); font-weight: 400; }
.lead { font-size: 1.15rem; margin: 1.25rem 0 1.5rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; padding: 0; margin: 1.5rem 0; list-style: none; }
.tiles li { background: var(--card); border-radius: .6rem; padding: .9rem 1rem; }
.tiles b { display: block; font-size: 1.9rem; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.stack { display: flex; height: 1.75rem; border-radius: .4rem; overflow: hidden; margin: 1rem 0 .6rem; gap: 2px; }
.stack span { min-width: 2px; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; margin: 0 0 1rem; list-style: none; font-size: .9rem; }
.swatch { display: inline-block; width: .75rem; height: .75rem; border-radius: .15rem; margin-right: .4rem; }
.certain { background: var(--certain); } .probable { background: var(--probable); } .none { background: var(--none); } .open { background: var(--open); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .9rem; padding-bottom: .4rem; }
th, td { text-align: left; padding: .45rem .6rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { font-size: .85rem; color: var(--soft); font-weight: 500; }
tbody th { font-weight: 550; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; padding-right: 0; padding-left: .6rem; }
td.chart { width: 36%; vertical-align: middle; }
.bar { position: relative; display: block; height: .9rem; background: var(--card); border-radius: .2rem; }
.bar i { position: absolute; inset: 0 auto 0 0; background: var(--certain); border-radius: .2rem; }
.bar u { position: absolute; inset: 0 auto 0 0; background: var(--probable); border-radius: 0 .2rem .2rem 0; text-decoration: none; }
tr.nobody .bar i { background: var(--none); } tr.nobody .bar u { background: var(--open); }
.beside { display: flex; flex-wrap: wrap; gap: 1.5rem 2.5rem; align-items: flex-start; }
.beside > * { flex: 1 1 19rem; min-width: 0; }
.plot { max-width: 24rem; width: 100%; height: auto; }
.grid { stroke: var(--line); } .diagonal { stroke: var(--soft); stroke-dasharray: 4 4; }
.dot { fill: var(--accent); } .whisker { stroke: var(--accent); stroke-width: 1.5; opacity: .6; }
.tick, .axis { fill: var(--soft); font-size: 12px; } .axis { font-size: 13px; }
.examples { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: .9rem; padding: 0; margin: 1rem 0; list-style: none; counter-reset: example; }
.examples > li { background: var(--card); border-radius: .6rem; padding: .9rem 1.1rem; break-inside: avoid; overflow-wrap: anywhere; }
.examples h3 { font-size: 1rem; margin: .15rem 0 .4rem; }
.examples ul { margin: .4rem 0 0; padding-left: 1.1rem; font-size: .92rem; }
.examples li li { margin: .15rem 0; }
dl { max-width: 46rem; } dt { font-weight: 550; margin-top: .7rem; } dd { margin: 0; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .88rem; color: var(--soft); }
@media (max-width: 34rem) {
  main { padding: 1.5rem 1rem 2rem; } h1 { font-size: 1.6rem; }
  .tiles { grid-template-columns: 1fr 1fr; } .tiles b { font-size: 1.5rem; }
  .sources thead, .methods thead { display: none; }
  .sources tr, .methods tr { display: grid; grid-template-columns: 1fr auto; border-bottom: 1px solid var(--line); padding: .5rem 0; }
  .sources th, .sources td, .methods th, .methods td { border: 0; padding: 0; width: auto; }
  .methods td.about { grid-column: 1 / -1; order: 3; color: var(--soft); font-size: .92rem; } .methods td.number br { display: none; } .methods td.number small { margin-left: .5rem; }
  .sources td.chart { grid-column: 1 / -1; order: 3; padding-top: .35rem; width: auto; }
  .sources td.named { display: none; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --line: #ccc; --card: #f4f4f4;
    --certain: #17509e; --probable: #6aa5e8; --none: #98a1ae; --open: #d5dae2; --accent: #17509e; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  .tiles { grid-template-columns: repeat(4, 1fr); } h2 { break-after: avoid; margin-top: 1.6rem; } tr, .tiles, .beside, dt, dd { break-inside: avoid; } dt { break-after: avoid; }
}
`;
