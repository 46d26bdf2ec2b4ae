/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_css.h - the style of the page. Every --ink is read on every --paper, and --ink on every --fill, in both
 * schemes: tests/report.sh computes the contrast of each pair.
 */
#ifndef WCDIAG_CMD_REPORT_CSS_H
#define WCDIAG_CMD_REPORT_CSS_H

/* clang-format off */
#define REPORT_CSS \
":root {\n" \
"  color-scheme: light dark;\n" \
"  --paper: #ffffff; --paper-panel: #f4f5f7;\n" \
"  --ink: #1b1f24; --ink-dim: #545b64; --ink-link: #0b56a8;\n" \
"  --ink-ok: #1a6330; --ink-broken: #a3161f; --ink-unknown: #5b3fa8; --ink-suspect: #7a4b00;\n" \
"  --line: #767d87;\n" \
"  --fill-wc: #cdebd3; --fill-uc: #f8d0cc; --fill-ucm: #fae0c0; --fill-wb: #d3e2fb; --fill-mix: #e6e0f5;\n" \
"  --fill-none: #e4e6ea;\n" \
"}\n" \
"@media screen and (prefers-color-scheme: dark) {\n" \
"  :root {\n" \
"    --paper: #14171b; --paper-panel: #1e2329;\n" \
"    --ink: #e8eaed; --ink-dim: #b0b7c0; --ink-link: #8ec3ff;\n" \
"    --ink-ok: #7ed491; --ink-broken: #ff9a94; --ink-unknown: #c3b0ff; --ink-suspect: #f0c674;\n" \
"    --line: #8a929c;\n" \
"    --fill-wc: #1f4d2c; --fill-uc: #5c2522; --fill-ucm: #5a3d14; --fill-wb: #23406e; --fill-mix: #43366b;\n" \
"    --fill-none: #3a4049;\n" \
"  }\n" \
"}\n" \
"* { box-sizing: border-box; }\n" \
"body { margin: 0 auto; padding: 1rem; max-width: 64rem; background: var(--paper); color: var(--ink);\n" \
"  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }\n" \
"h1 { font-size: 1.7rem; line-height: 1.25; margin: 0.5rem 0; }\n" \
"h2 { font-size: 1.35rem; line-height: 1.3; margin: 2.5rem 0 0.5rem; padding-top: 0.75rem;\n" \
"  border-top: 2px solid var(--line); }\n" \
"h3 { font-size: 1.1rem; margin: 1.5rem 0 0.5rem; }\n" \
"h4 { font-size: 1rem; margin: 0; }\n" \
"p { margin: 0.4rem 0; max-width: 50rem; }\n" \
"a { color: var(--ink-link); }\n" \
"a:focus-visible, summary:focus-visible, [tabindex]:focus-visible {\n" \
"  outline: 3px solid var(--ink-link); outline-offset: 2px; }\n" \
".skip { position: absolute; left: -999rem; }\n" \
".skip:focus { position: static; }\n" \
"nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }\n" \
"table { border-collapse: collapse; width: 100%; margin: 0.5rem 0; }\n" \
"caption { text-align: left; color: var(--ink-dim); }\n" \
"th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0;\n" \
"  border-bottom: 1px solid var(--line); }\n" \
".chain th, .intact, .ok, .broken, .unknown, .suspect, .skipped { white-space: nowrap; }\n" \
"th { overflow-wrap: normal; }\n" \
".scroll { overflow-x: auto; }\n" \
".scroll th, .scroll td { overflow-wrap: normal; }\n" \
"code, pre, .mono { font-family: ui-monospace, monospace; font-size: 0.9em; }\n" \
"pre { white-space: pre-wrap; margin: 0; }\n" \
".dim { color: var(--ink-dim); }\n" \
".ok, .intact { color: var(--ink-ok); font-weight: 700; }\n" \
".broken { color: var(--ink-broken); font-weight: 700; }\n" \
".unknown { color: var(--ink-unknown); font-weight: 700; }\n" \
".suspect { color: var(--ink-suspect); font-weight: 700; }\n" \
".skipped, .info { color: var(--ink-dim); font-weight: 700; }\n" \
".finding { background: var(--paper-panel); border-left: 4px solid var(--line);\n" \
"  padding: 0.6rem 0.8rem; margin: 0.6rem 0; }\n" \
".fix { border: 1px solid var(--line); background: var(--paper); padding: 0.4rem 0.6rem; margin-top: 0.5rem; }\n" \
".fix pre { user-select: all; }\n" \
"details { margin: 0.5rem 0; }\n" \
"summary { cursor: pointer; color: var(--ink-link); padding: 0.2rem 0; }\n" \
"dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0.25rem 0; }\n" \
"dt { color: var(--ink-dim); }\n" \
"dd { margin: 0; }\n" \
"figure { margin: 0.5rem 0; }\n" \
"figcaption { color: var(--ink-dim); }\n" \
"svg { display: block; width: 100%; min-width: 44rem; height: auto; }\n" \
"svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }\n" \
"svg rect { stroke: var(--line); stroke-width: 0.75; }\n" \
"svg line { stroke: var(--line); stroke-width: 1; }\n" \
"svg line.edge { stroke: var(--ink); stroke-dasharray: 4 3; }\n" \
"svg line.again { stroke: var(--ink-broken); stroke-width: 3; }\n" \
".f-wc { fill: var(--fill-wc); } .f-uc { fill: var(--fill-uc); } .f-ucm { fill: var(--fill-ucm); }\n" \
".f-wb { fill: var(--fill-wb); } .f-mix { fill: var(--fill-mix); }\n" \
".f-none { fill: var(--fill-none); stroke-dasharray: 3 2; } .f-paper { fill: var(--paper); }\n" \
"@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin: 0 0 0.4rem; } }\n" \
"@media print {\n" \
"  body { max-width: none; padding: 0; font-size: 10pt; }\n" \
"  nav, .skip { display: none; }\n" \
"  .scroll { overflow: visible; }\n" \
"  svg { min-width: 0; }\n" \
"  details::details-content { content-visibility: visible; block-size: auto; }\n" \
"  h2, h3, h4, summary { break-after: avoid; }\n" \
"  .finding, .fix, figure, tr { break-inside: avoid; }\n" \
"  a { color: inherit; }\n" \
"}\n"
/* clang-format on */

#endif
