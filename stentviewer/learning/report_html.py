"""A report as one HTML page: pictures inside, no script, no network."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import Final

from stentviewer.learning.report_blocks import Block, Heading, Paragraph, Pictures, Table

# A browser that obeys it could load nothing even if something slipped in.
_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE: Final = """
body { font: 15px/1.5 system-ui, 'Segoe UI', 'Noto Sans KR', 'Malgun Gothic', sans-serif;
  color: #1b2127; background: #fff; max-width: 62rem; margin: 2rem auto 4rem; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; padding-top: .75rem;
  border-top: 1px solid #c3cad1; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; max-width: 48rem; }
.quiet, figcaption { color: #4a5560; font-size: .87rem; }
.notice { background: #eaf3f8; border-left: 4px solid #00618f; padding: .5rem .75rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .75rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; text-align: right; vertical-align: top;
  white-space: nowrap;
  border-bottom: 1px solid #e3e7ea; }
th { color: #4a5560; font-weight: 600; font-size: .87rem; }
td.w, th.w { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.pictures { display: grid; gap: 1rem; margin: .75rem 0; align-items: start; }
figure { margin: 0; }
figure img { width: 100%; height: auto; display: block; }
footer { color: #00618f; font-weight: 600; margin-top: 3rem; font-size: .87rem; }
@media (max-width: 40rem) { .pictures { grid-template-columns: 1fr !important; } }
@media print {
  body { margin: 0 0 2.5rem; max-width: none; font-size: 12px; }
  footer { position: fixed; bottom: 0; margin: 0; }
  figure, tr, .notice { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
"""


def as_html(blocks: Sequence[Block], title: str, footer: str) -> str:
    """The page; every text in it is escaped."""
    body = "\n".join(_block(block) for block in blocks)
    return (
        '<!doctype html>\n<html><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style></head>\n"
        f"<body>\n{body}\n<footer>{escape(footer)}</footer>\n</body></html>\n"
    )


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f'<p class="{block.kind}">{escape(block.text)}</p>'
    if isinstance(block, Table):
        return _table(block)
    return _pictures(block)


def _table(table: Table) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        put = (
            f"<{tag}{' class=w' if k < table.words else ''}>{escape(cell)}</{tag}>"
            for k, cell in enumerate(cells)
        )
        return f"<tr>{''.join(put)}</tr>"

    head = f"<thead>{row(table.header, 'th')}</thead>" if table.header else ""
    body = "".join(row(cells, "td") for cells in table.rows)
    return f'<div class="scroll"><table>{head}<tbody>{body}</tbody></table></div>'


def _pictures(pictures: Pictures) -> str:
    across = pictures.across
    width = f"max-width: {'36rem' if across == 1 else 'none'}"
    shown = "".join(
        f'<figure><img alt="{escape(caption)}" src="data:image/png;base64,'
        f'{b64encode(png).decode()}"><figcaption>{escape(caption)}</figcaption></figure>'
        for png, caption in pictures.items
    )
    style = f"grid-template-columns: repeat({across}, minmax(0, 1fr)); {width}"
    return f'<div class="pictures" style="{style}">{shown}</div>'
