"""How the page looks: readable type, light and dark, from a phone to a desk."""

CSS = """
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --ink: #1d2327; --quiet: #5b6670; --line: #d8dcdf; --faint: #eceff1;
  --main: #1f6f8b; --mark: #b3471d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181b; --ink: #e3e7ea; --quiet: #9aa6af; --line: #39434a; --faint: #232b30;
    --main: #5cb8d6; --mark: #f0955f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 3rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .25rem 0 .75rem; max-width: 42rem; }
.quiet, caption { color: var(--quiet); font-size: .9rem; }
.scroll { overflow-x: auto; }
.from-the-end { direction: rtl; }
.from-the-end > * { direction: ltr; margin-right: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .95rem; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { padding: .3rem .6rem; text-align: right; vertical-align: top; border-bottom: 1px solid var(--faint); }
thead th { font-weight: 600; color: var(--quiet); border-color: var(--line); vertical-align: bottom; }
th:first-child, td:first-child { padding-left: 0; }
.words { text-align: left; }
tbody th { font-weight: 400; text-align: left; overflow-wrap: break-word; }
td { white-space: nowrap; }
td.words { white-space: normal; min-width: 5rem; }
svg { display: block; fill: var(--main); }
svg text { fill: var(--quiet); font: 13px system-ui, sans-serif; }
.chart { width: 100%; max-width: 40rem; height: auto; }
.calendar { width: 42rem; height: auto; }
.meter { width: 7rem; height: .7rem; margin-top: .4rem; }
.gauge { width: 14rem; height: auto; margin-top: .35rem; }
.back { fill: var(--faint); }
.axis, .scale { stroke: var(--line); fill: none; }
.ideal { stroke: var(--quiet); stroke-dasharray: 4 4; fill: none; }
.range { stroke: var(--main); stroke-width: 2; fill: none; }
.mark { stroke: var(--mark); stroke-width: 2.5; fill: none; }
.day-0 { fill: var(--line); }
ol { padding-left: 1.5rem; }
li, h1 { overflow-wrap: anywhere; }
li { margin-bottom: .6rem; }
code { font: .85rem ui-monospace, monospace; display: inline-block; max-width: 100%; }
details { margin: .5rem 0; }
summary { cursor: pointer; }
@media (min-width: 40.01rem) { tbody th { min-width: 8rem; } }
@media (max-width: 40rem) {
  table { font-size: .8rem; }
  th, td { padding: .3rem .2rem; }
  tbody th { min-width: 4.2rem; overflow-wrap: anywhere; }
  .meter { width: 4rem; }
  .wide { display: none; }
}
@media print { body { max-width: none; } }
"""
