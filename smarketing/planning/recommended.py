"""What is recommended: lines, volumes, and the sentence both teams can sign."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.language.numbers import SPACE
from smarketing.planning.goals.smart import SmartCheck
from smarketing.planning.lines.by_group import GroupLines
from smarketing.planning.lines.grade_lines import GradeLines
from smarketing.planning.lines.thresholds import Thresholds
from smarketing.planning.volumes.bottleneck import Bottleneck
from smarketing.planning.volumes.forecast_backtest import ForecastBacktest
from smarketing.planning.volumes.rules_of_thumb import CrossChecks
from smarketing.planning.volumes.sla_volumes import SLAVolumes
from smarketing.results import Picture, Result, plain


@dataclass(frozen=True)
class Recommendation(Result):
    """Lines, volumes and the sentence both teams can sign.

    Attributes
    ----------
    thresholds : Thresholds or None
    volumes : SLAVolumes or None
    goals : pandas.DataFrame
        Each goal with its chance and words.
    cannot : dict of str to str
        Part -> the sentence that says why the tables cannot answer it.
    model : str
        Whose score the lines stand on.
    as_of : pandas.Timestamp or None
        Nothing later was looked at; None for tables without dates.
    smart : SmartCheck or None
        The goals held against the five letters; None where nothing can be forecast.
    bottleneck : Bottleneck or None
        What one more point of each rate is worth.
    cross_checks : CrossChecks or None
        What simpler forms of planning say of the revenue promised; None without such a promise.
    forecast_backtest : ForecastBacktest or None
        What today's lines would have said of past months against what came; None where today's
        lines stand on another score, or nothing can be forecast.
    groups : GroupLines or None
        Lines by persona or the like, where asked for.
    grades : GradeLines or None
        Lines as grades, where asked for.
    """

    thresholds: Thresholds | None = None
    volumes: SLAVolumes | None = None
    goals: pd.DataFrame = field(default_factory=pd.DataFrame)
    cannot: dict[str, str] = field(default_factory=dict)
    model: str = "agreed"
    as_of: pd.Timestamp | None = None
    smart: SmartCheck | None = None
    bottleneck: Bottleneck | None = None
    cross_checks: CrossChecks | None = None
    forecast_backtest: ForecastBacktest | None = None
    groups: GroupLines | None = None
    grades: GradeLines | None = None

    @property
    def sentence(self) -> str:
        """The SLA in one plain sentence, or why there is none; first why no money is promised."""
        no_money = "" if self.thresholds is None else self.thresholds.terms.no_money
        if self.volumes is not None:
            promised = self.volumes.sentences["both"]
        else:
            promised = self.cannot.get("volumes", "")
        return f"{no_money} {promised}".strip()

    @property
    def sla(self) -> dict[str, Any]:
        """The promises recommended, in the form of the agreement's ``sla``."""
        if self.volumes is None:
            return {}
        marketing = {
            "mqls_per_month": self.volumes.promise("mqls"),
            "sales_ready_per_month": self.volumes.promise("sales_ready"),
            "acceptance_rate": self.volumes.promise("acceptance_rate"),
        }
        sales = {
            "customers_per_month": self.volumes.promise("customers"),
            "revenue_per_month": self.volumes.promise("revenue"),
        }
        return {
            "confidence": self.volumes.confidence,
            "marketing": {key: _whole(v) for key, v in marketing.items() if v is not None},
            "sales": {key: _whole(v) for key, v in sales.items() if v is not None},
            "joint_chance": self.volumes.joint_chance,
        }

    def frame(self) -> pd.DataFrame:
        """Return every number recommended beside today's: ``what``, ``today``, ``recommended``."""
        rows = []
        if self.thresholds is not None:
            policies = self.thresholds.policies.set_index("lines")
            for line in ("mql", "sql"):
                today = policies[line].get("today")
                rows.append((f"{line.upper()} line", plain(today), getattr(self.thresholds, line)))
        if self.volumes is not None:
            rows += [
                (row["measure"], plain(row["agreed"]), row["recommended"])
                for row in self.volumes.promises.to_dict("records")
            ]
        return pd.DataFrame(rows, columns=["what", "today", "recommended"], dtype=object)

    def to_dict(self) -> dict[str, Any]:
        """Return all parts as plain types; a part that cannot be answered stands in ``cannot``."""
        answer = super().to_dict()
        answer["back_check"] = answer.pop("forecast_backtest")
        # What others search and sign has plain spaces; a page keeps a number and its unit.
        return answer | {"sla": plain(self.sla), "sentence": self.sentence.replace(SPACE, " ")}

    def plot(self) -> Picture:
        """Draw the lines (see :meth:`Thresholds.plot`)."""
        if self.thresholds is None:
            raise CannotAnswer(self.cannot["thresholds"])
        return self.thresholds.plot()


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value
