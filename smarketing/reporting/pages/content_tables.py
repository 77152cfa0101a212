"""What leads read and did, on two kinds of journeys side by side."""

from __future__ import annotations

import pandas as pd

from smarketing.funnel.flow.content import Content
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, percent
from smarketing.language.plurals import trn
from smarketing.language.sentences import capital
from smarketing.reporting.html.page import Html, paragraph
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.wording import name_of, part_of, plain_code, within

KINDS = {
    "page_view": mark("page"), "download": mark("download"), "video_view": mark("video"),
    "webinar": mark("webinar"), "email_open": mark("mail opened"),
    "email_click": mark("click in a mail"), "form_submit": mark("form"),
    "demo_request": mark("demo request"),
}  # fmt: skip
_MOST, _LEAST = 8, 3
"""Of many pieces that set the journeys apart: those most and least often on the first kind."""


def content_sentence(content: Content) -> str:
    """Return the piece of content that sets the two kinds of journeys apart the most."""
    rows = content.frame()
    rows = rows[(rows.remark == "") & (rows.low > 0)]
    if rows.empty:
        return tr("Nothing stands out on the journeys of {who}", who=tr(content.who))
    best = rows.iloc[0]
    return tr(
        "{content} stands on {share} of the journeys of {who}, and on {share_others} of those of "
        "{others}",
        content=best.subject,
        share=percent(best.share),
        who=tr(content.who),
        share_others=percent(best.share_others),
        others=tr(content.others),
    )


def content_table(content: Content, caption: str) -> Html:
    """Return the content most and least often on the first kind of journeys, with n."""
    rows = content.frame()
    judged = rows[rows.remark == ""]
    apart = judged[(judged.low > 0) | (judged.high < 0)]
    alike, rare = len(judged) - len(apart), len(rows) - len(judged)
    if len(apart) > 2 * _MOST:
        apart = pd.concat([apart.head(_MOST), apart.tail(_LEAST)])
    apart = apart.assign(
        kind=[plain_code(name_of(KINDS, kind)) for kind in apart.kind],
        own=[part_of(one.k, one.n) for one in apart.itertuples()],
        rest=[part_of(one.k_others, one.n_others) for one in apart.itertuples()],
        interval=[
            within(*map(_points, (one.difference, one.low, one.high))) for one in apart.itertuples()
        ],
    )
    labels = {
        "subject": tr("Content"), "kind": tr("Kind"), "own": capital(tr(content.who)),
        "rest": capital(tr(content.others)), "interval": tr("Difference, points (95 %)"),
    }  # fmt: skip
    left_out = []
    if alike:
        left_out.append(
            trn("{n} other as often on both, but for chance",
                "{n} others as often on both, but for chance", alike)
        )  # fmt: skip
    if rare:
        left_out.append(tr("{n} on too few journeys to compare", n=count(rare)))
    shown = table(apart, labels, caption=caption) if len(apart) else Html("")
    return shown + paragraph("; ".join(left_out) + ".", "note") if left_out else shown


def _points(share: float) -> str:
    return f"+{count(100 * share)}" if round(100 * share) > 0 else count(100 * share)
