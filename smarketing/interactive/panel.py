"""The tuner itself: sliders, numbers, figure, and a button that saves a proposal."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from smarketing.errors import SmarketingError
from smarketing.interactive.answer import answer_table
from smarketing.interactive.controls import Control, controls_of
from smarketing.interactive.fits import at_fit, same_leads
from smarketing.interactive.saving import Base, effects_of_choice, save_choice
from smarketing.planning.lines.thresholds import Thresholds
from smarketing.planning.lines.whatif import LineWhatIf
from smarketing.reporting.figures.line_figure import LineFigure
from smarketing.reporting.html.page import bullets, paragraph, template_text

STYLE = f"<style>\n{template_text('tuner.css')}</style>"
KEY = paragraph(
    "Solid: as drawn. Dashed: today. Dotted: what the desks can work, and how often the confidence "
    "lets a month be too full.",
    "note",
).markup


class Tuner:
    """What the sliders say, what it gives, and where it is saved.

    Parameters
    ----------
    recommended : Thresholds
        Its tables hold every pair of lines.
    base : Base
        The agreement that a choice would change.
    rows : pandas.DataFrame, optional
        Snapshots, for other least fits (:func:`~smarketing.interactive.fits.judged_rows`);
        there are no sliders for these if the rows do not count the same crossings as
        `recommended`.

    Attributes
    ----------
    sliders : dict of str to ipywidgets.Widget
        By the name of their :class:`~smarketing.interactive.controls.Control`.
    numbers, figure, saved : ipywidgets.HTML
    reason : ipywidgets.Text
    save : ipywidgets.Button
    """

    def __init__(
        self, recommended: Thresholds, base: Base, rows: pd.DataFrame | None = None
    ) -> None:
        agreement = base.agreement
        self.base, self.currency = base, agreement.currency
        self.asked = LineWhatIf.of(recommended, agreement.currency)
        lines, one = agreement.lines, recommended.terms.one_line
        agreed = (None if one else float(lines.mql.score), float(lines.sql.score))
        self._own_fits = (recommended.fit_mql, recommended.fit_sql)
        if rows is not None and not same_leads(self.asked, rows, *self._own_fits):
            rows = None
        self.controls = {
            c.name: c for c in controls_of(self.asked, agreed, agreement, rows is not None)
        }
        self.today = self.asked.ask(*agreed)
        closing = agreement.capacity.closing
        self.people = None if closing is None else float(closing.people)
        self.drawing = LineFigure(self.asked, agreed)
        self._fits = lru_cache(maxsize=64)(lambda mql, sql: at_fit(self.asked, rows, mql, sql))
        self.sliders = {name: _slider(control) for name, control in self.controls.items()}
        self.numbers, self.figure = widgets.HTML(), widgets.HTML()
        self.choice, self.saved = widgets.HTML(), widgets.HTML()
        self.reason = widgets.Text(
            placeholder="Why? Both sides will read it", layout=widgets.Layout(width="335px")
        )
        self.save = widgets.Button(
            description="Save as proposal", disabled=True, button_style="primary",
            layout=widgets.Layout(width="10.5em"),
        )  # fmt: skip
        self.back = widgets.Button(description="Back to today", layout=widgets.Layout(width="9em"))
        for name, slider in self.sliders.items():
            slider.observe(lambda change, name=name: self._moved(name, change), names="value")
        self.save.on_click(lambda _: self._save())
        self.back.on_click(lambda _: self._reset())
        self._still = False
        self.show()

    @property
    def lines(self) -> tuple[float | None, float]:
        """The lines as drawn: MQL line (None with one line), SQL line."""
        mql = self.sliders.get("mql")
        return (None if mql is None else mql.value), self.sliders["sql"].value

    @property
    def changed(self) -> dict[str, float]:
        """The terms that stand elsewhere than agreed."""
        out = {}
        for name, slider in self.sliders.items():
            if name[:3] not in ("mql", "sql", "fit") and slider.value != self.controls[name].value:
                out[name] = slider.value / 100 if name == "confidence" else slider.value
        return out

    @property
    def chosen(self) -> dict[str, float]:
        """What a proposal would write, by its path in the agreement."""
        mql, sql = self.lines
        out = {} if mql is None else {"lines.mql.score": _whole(mql)}
        out["lines.sql.score"] = _whole(sql)
        for name in ("mql", "sql"):
            if f"fit_{name}" in self.sliders:
                out[f"lines.{name}.fit_at_least"] = int(self.sliders[f"fit_{name}"].value)
        if "confidence" in self.changed:
            out["sla.confidence"] = round(self.changed["confidence"], 2)
        return out

    @property
    def now(self) -> LineWhatIf:
        """The what-if at the least fits chosen."""
        fits = tuple(
            int(self.sliders[name].value) if name in self.sliders else own
            for name, own in zip(("fit_mql", "fit_sql"), self._own_fits, strict=True)
        )
        return self.asked if fits == self._own_fits else self._fits(*fits)

    def show(self) -> None:
        """Put numbers and figure in line with the sliders: numbers first, they are quicker."""
        asked, changed = self.now, self.changed
        answer = asked.ask(*self.lines, **changed)
        confidence = changed.get("confidence", asked.terms.confidence)
        self.numbers.value = answer_table(
            answer, self.today, confidence, self.people, self.currency
        )
        self.figure.value = self.drawing.move(asked, self.lines, changed)
        changes = self.base.in_words(self.chosen)
        self.save.disabled = not changes
        text = f"Proposes: {changes}." if changes else "As agreed: nothing to propose."
        self.choice.value = paragraph(text).markup

    def widget(self) -> widgets.Widget:
        """Return everything laid out for a notebook."""
        groups: dict[str, list[Any]] = {}
        for name, control in self.controls.items():
            groups.setdefault(control.group, []).append(self.sliders[name])
        left = [
            widgets.VBox([widgets.HTML(f"<h4>{group}</h4>"), *sliders])
            for group, sliders in groups.items()
        ]
        propose = widgets.VBox(
            [
                widgets.HTML("<h4>For the next agreement</h4>"),
                self.choice,
                self.reason,
                widgets.HBox([self.save, self.back]),
                self.saved,
            ]
        )
        whole = widgets.HBox(
            [
                widgets.HTML(STYLE, layout=widgets.Layout(display="none")),
                widgets.VBox([*left, propose], layout=widgets.Layout(flex="0 0 340px")),
                widgets.VBox(
                    [self.numbers, self.figure, widgets.HTML(KEY)],
                    layout=widgets.Layout(flex="1 1 480px"),
                ),
            ],
            # A narrow window puts the answer under the sliders.
            layout=widgets.Layout(flex_flow="row wrap", max_width="1100px", grid_gap="8px 32px"),
        )
        for name in ("numbers", "figure", "choice", "saved", "reason", "save", "back"):
            getattr(self, name).add_class(f"tuner-{name}")
        for name, slider in self.sliders.items():
            slider.add_class(f"tuner-{name.replace('_', '-')}")
        return whole.add_class("smarketing-tuner")

    def _moved(self, name: str, change: dict[str, Any]) -> None:
        if self._still:
            return
        # An MQL line above the SQL line would be none: the other line goes along.
        other = {"mql": "sql", "sql": "mql"}.get(name)
        if other in self.sliders:
            beyond = change["new"] > self.sliders[other].value
            if beyond == (name == "mql") and change["new"] != self.sliders[other].value:
                self._set({other: change["new"]})
        self.saved.value = ""
        self.show()

    def _set(self, values: dict[str, float]) -> None:
        self._still = True
        for name, value in values.items():
            self.sliders[name].value = value
        self._still = False

    def _reset(self) -> None:
        self._set({name: self._start(name) for name in self.sliders})
        self.saved.value = ""
        self.show()

    def _start(self, name: str) -> float:
        control = self.controls[name]
        return int(control.value) if control.whole else control.value

    def _save(self) -> None:
        asked, changed = self.now, self.changed
        answer = asked.ask(*self.lines, **changed)
        effects = effects_of_choice(answer, self.today, changed, self.currency)
        before = (self.base.folder / "proposal.yml").is_file()
        try:
            proposed = save_choice(self.base, self.chosen, self.reason.value, effects)
        except SmarketingError as error:
            self.saved.value = "".join(
                paragraph(f"Not saved: {problem}", "warning").markup for problem in error.problems
            )
            return
        text = f"Saved in proposal.yml as version {proposed.version}, from {proposed.valid_from}"
        text += ", in place of the proposal before:" if before else ":"
        self.saved.value = (
            paragraph(text, "good").markup
            + bullets([*(change.words for change in proposed.changes), *proposed.effects]).markup
            + paragraph(
                f'To accept it: smarketing agree {self.base.folder.name} --accept --reason "…"'
            ).markup
        )


def _slider(control: Control) -> Any:
    kind, start = widgets.FloatSlider, control.value
    more: dict[str, Any] = {"readout_format": ",.2~f"}
    if control.whole:
        kind, start, more = widgets.IntSlider, int(control.value), {"readout_format": ",d"}
    number = int if control.whole else float
    return kind(
        value=start, min=number(control.low), max=number(control.high), step=number(control.step),
        description=control.label, continuous_update=True,
        style={"description_width": "110px"}, layout=widgets.Layout(width="335px"), **more,
    )  # fmt: skip


def _whole(line: float) -> int | float:
    return int(line) if float(line).is_integer() and math.isfinite(line) else line


def line_tuner(
    recommended: Thresholds,
    folder: Path,
    rows: pd.DataFrame | None = None,
    data_until: pd.Timestamp | None = None,
) -> widgets.Widget:
    """Return the tuner for a notebook: sliders, what they give, and a button to propose it.

    Parameters
    ----------
    recommended : Thresholds
        On the agreed scorecard's points.
    folder : Path
        The workspace whose agreement.yml a choice is held against; proposal.yml goes there.
    rows : pandas.DataFrame, optional
        From :func:`~smarketing.interactive.fits.judged_rows`; without them the least fits stay.
    data_until : pandas.Timestamp, optional
        Naive UTC: a proposal is in force from the first of the month after.

    Examples
    --------
    >>> line_tuner(found.thresholds, workspace.path)  # doctest: +SKIP
    """
    return Tuner(recommended, Base.read(folder, data_until), rows).widget()
