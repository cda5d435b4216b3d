"""Has a booklet the same bytes without what makes WeasyPrint faster?"""

import subprocess
import sys

from command import PROJECT, TODAY, settings

#: A page with what style sheets seldom have: each rule here is one that is left to WeasyPrint, or may be.
PAGE = """\
<html lang="en"><head><title>Odd</title><style>
@page { size: 90mm 120mm; margin: 12mm calc(4mm + 6mm); @bottom-center { content: counter(page) } }
@page :left { margin-inline-start: 20mm; @top-left { content: string(head) } }
@page :right { @top-right { content: element(run) } }
@page :nth(2) { background: #eee }
@page wide { size: 140mm 100mm }
:root { --gap: 3mm; --none: ; font-family: serif; font-size: 11pt }
h1 { string-set: head content(); margin-block: var(--gap) calc(2 * var(--gap)); font-size: 1.4em }
h2 { page: wide; margin: inherit; border-bottom: thick double red; text-decoration: underline dotted }
h2 em { text-decoration: overline; color: inherit; font: inherit }
p { padding-inline: 5% 1em; text-indent: calc(10% - 2mm); letter-spacing: .1em; word-spacing: 2px }
p + p { letter-spacing: initial; width: min(80%, 60mm); border-inline-start: 2px solid }
table { border-collapse: collapse; float: inline-end } td { border: 1px solid; padding: 1ex; width: 20% }
.tnum { font-feature-settings: "tnum", "zero"; font-variant-caps: small-caps; font-kerning: none }
.run { position: running(run) } .abs { position: absolute; right: 5%; top: var(--top, 2cm) }
.rel { position: relative; left: 1rlh; overflow-wrap: anywhere; hyphens: auto; width: 3em }
.note { float: footnote } li::marker { color: green } ol { list-style: upper-roman; direction: rtl }
.flex { display: flex; gap: var(--gap) } .grid { display: grid; grid-template-columns: 1fr 2fr }
</style></head><body><p class="run">Running</p><h1>Odd rules</h1><p>One <b>two <i>three</i></b> four.</p>
<p>Five<span class="note">A note.</span> six seven eight nine ten eleven twelve thirteen fourteen.</p>
<table><tr><td>a</td><td>b</td></tr></table><p class="tnum">0123 <u>4567</u> tab\tbed</p>
<div class="abs">Abs</div><div class="rel">Extraordinarily longwinded</div>
<ol><li>first</li><li>second</li></ol><div class="flex"><p>x</p><p>y</p></div>
<div class="grid"><p>u</p><p>v</p></div><h2>Wide <em>heading</em></h2><p>More.</p>
<p style="direction: rtl">Back (1).</p>
<h1 style="break-before: page">Third</h1>
<p lang="fr" style="direction: rtl; font-language-override: 'DEU'">Fin</p>
</body></html>"""

#: Prints a digest of the project's booklets and of the page: with WeasyPrint as it is where `stock` is said.
SCRIPT = """\
import hashlib, sys
from datetime import date
from pathlib import Path
from booklet import quicken
kind, project, today, page = sys.argv[1:]
if kind == "stock":
    quicken.PLACES = ()
from booklet.assemble import About, assemble
from booklet.bind import print_edition, style_of
from booklet.build import Request, jobs_of
from booklet.layout import layout_for, load_layout
from booklet.render import Press
from booklet.source import Source
def told(name, pdf):
    print(name, hashlib.sha256(pdf).hexdigest())
layout = load_layout("a5-booklet", (Path(project),)).value
laid = Press(style_of(layout), {}).lay_out(page, 1)
told(f"odd {len(laid.pages)}", assemble([laid.carved("1", grey=False)], About(b"0" * 32, ("", ""), {})).pdf)
source, roots = Source(Path(project)), (Path(project),)
for job in jobs_of(Request(roots, roots[0], today=date.fromisoformat(today)), source):
    if job.booklet == "checking-your-temperature" or job.layout == "a5-booklet":
        edition = source.edition(job.booklet, job.language, "riverside").value
        layout = layout_for(edition, job.layout, roots).value
        words = layout.words(edition.booklet.language).value
        told(f"{job.booklet} {job.language} {job.form}", print_edition(edition, layout, words).value)
"""


def test_what_is_faster_makes_the_same_bytes() -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", SCRIPT, kind, str(PROJECT), TODAY, PAGE],
            env=settings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for kind in ("stock", "quick")
    ]
    (stock, wrong), (quick, also_wrong) = (one.communicate() for one in both)
    assert [one.returncode for one in both] == [0, 0], (wrong, also_wrong)
    assert stock.startswith("odd 4 ")
    assert stock.count("\n") >= 9
    assert quick == stock
