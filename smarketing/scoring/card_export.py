"""A scorecard to take elsewhere: SQL for a warehouse, YAML, a table to type into a CRM."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import pandas as pd
import sqlglot
from sqlglot import exp

from smarketing.agreement.model import Agreement, Grades
from smarketing.agreement.scorecard import Scorecard
from smarketing.errors import UsageError
from smarketing.scoring.agreed_card import score_card
from smarketing.scoring.card_lines import card_yaml, fields_of
from smarketing.scoring.card_table import card_table
from smarketing.scoring.events import SEEN_ONCE
from smarketing.warehouse.spells import spell_starts
from smarketing.warehouse.warehouse import Warehouse

FORMS = ("sql", "yaml", "table")
# Name as people say it -> ibis' name, the present moment as naive UTC, and the type of a moment:
# in two dialects TIMESTAMP may carry a time zone.
DIALECTS = {
    "duckdb": ("duckdb", "TIMEZONE('UTC', NOW())", "TIMESTAMP"),
    "postgres": ("postgres", "TIMEZONE('UTC', NOW())", "TIMESTAMP"),
    "snowflake": ("snowflake", "SYSDATE()", "TIMESTAMP_NTZ"),
    "bigquery": ("bigquery", "CURRENT_DATETIME('UTC')", "DATETIME"),
    "spark": (
        "databricks",
        "TO_UTC_TIMESTAMP(CURRENT_TIMESTAMP(), CURRENT_TIMEZONE())",
        "TIMESTAMP_NTZ",
    ),
}
_OF_SPELL = {"times_recycled", "days_in_spell", "weeks_in_spell"}


def export_scorecard(
    warehouse: Warehouse | None,
    agreement: Agreement,
    card: Scorecard | None = None,
    form: str = "sql",
    dialect: str = "duckdb",
    as_of: pd.Timestamp | None = None,
    grades: Grades | None = None,
) -> str:
    """Return a scorecard as text.

    Parameters
    ----------
    warehouse : Warehouse or None
        Its tables say the types of the columns. YAML needs none.
    agreement : Agreement
        For personas and grades.
    card : Scorecard, optional
        By default the agreement's first. A learned one is none of the agreement's: its table
        has no lines, because those are drawn on the agreed points.
    form : str
        ``sql``: one query over tables ``leads`` and ``events`` (and ``stages``, where the card
        asks how long a spell runs) in the canonical form that gives every lead's fit, engagement,
        score and grade, decay, repeat limits and caps included.
        ``yaml``: the blocks of ``agreement.yml``. ``table``: CSV to type into a CRM
        (:func:`smarketing.scoring.card_table.card_table`).
    dialect : str
        Of SQL: ``duckdb``, ``postgres``, ``snowflake``, ``bigquery`` or ``spark``.
    as_of : pandas.Timestamp, optional
        Of SQL: the moment of scoring, naive UTC; by default the moment the query is run.
    grades : Grades, optional
        By default the agreement's; a learned card brings its own.

    Raises
    ------
    UsageError
        If there is no such form or dialect.

    Examples
    --------
    >>> print(export_scorecard(warehouse, agreement, dialect="postgres"))  # doctest: +SKIP
    """
    if form not in FORMS:
        raise UsageError("there is no such form", found=repr(form), allowed=", ".join(FORMS))
    own = card is None or card in agreement.scorecards.values()
    card = agreement.scorecard if card is None else card
    if form == "yaml":
        return card_yaml(card, grades)
    if grades is not None:
        agreement = agreement.model_copy(update={"grades": grades})
    if form == "table":
        attributes = warehouse.table("leads").columns if warehouse is not None else ()
        return card_table(card, agreement, own, attributes)
    if warehouse is None:
        raise UsageError("SQL needs the tables it is to run on", allowed="a warehouse")
    if dialect not in DIALECTS:
        allowed = ", ".join(DIALECTS)
        raise UsageError("there is no such dialect", found=repr(dialect), allowed=allowed)
    return _sql(card, warehouse, agreement, dialect, as_of, own)


def _sql(
    card: Scorecard,
    warehouse: Warehouse,
    agreement: Agreement,
    dialect: str,
    as_of: pd.Timestamp | None,
    own: bool,
) -> str:
    fields = fields_of(card, agreement.personas)
    moments = _moments(warehouse, follows_spells=bool(_OF_SPELL & fields))
    scores = score_card(card, warehouse, moments, agreement, decay_by_formula=True)
    scores = scores.drop("spell").order_by("lead_id")
    name, now, kind = DIALECTS[dialect]
    if as_of is not None:
        now = f"CAST('{pd.Timestamp(as_of)}' AS {kind})"
    text = _in_local_time(str(ibis.to_sql(_by_plain_names(scores), dialect=name)), dialect)
    rest = text.removeprefix("WITH ") if text.startswith("WITH ") else text
    joint = ",\n" if text.startswith("WITH ") else "\n"
    what = "Scorecard" if own else "Learned scorecard, with the personas"
    chance = ""
    if card.calibration is not None:
        line = card.calibration
        chance = f"-- Log-odds of the target: {line.intercept:.6g} + {line.slope:.6g} * score.\n"
    return (
        f"-- {what} of agreement version {agreement.version}, valid from "
        f"{agreement.valid_from:%Y-%m-%d}; times are UTC.\n{chance}"
        f"WITH moment AS (\n  SELECT {now} AS as_of\n){joint}{rest}\n"
    )


def _moments(warehouse: Warehouse, follows_spells: bool) -> ibis.Table:
    """Return each lead at the present moment, in the last spell that began by then."""
    present = ibis.table({"as_of": "timestamp"}, name="moment")
    if follows_spells:
        runs = spell_starts(warehouse)
    else:
        leads = warehouse.table("leads")
        runs = leads.select("lead_id", spell=ibis.literal(1, "int32"), started_at="created_at")
    pairs = runs.cross_join(present).select("lead_id", "spell", "started_at", "as_of")
    pairs = pairs.filter(pairs.started_at <= pairs.as_of)
    if follows_spells:
        last = ibis.window(group_by="lead_id", order_by=ibis.desc("started_at"))
        placed = pairs.mutate(place=ibis.row_number().over(last))
        pairs = placed.filter(placed.place == 0)
    return pairs.select("lead_id", "as_of", "spell", "started_at", **SEEN_ONCE)


def _in_local_time(text: str, dialect: str) -> str:
    """Write the two calls that make local time of a naive UTC time as the dialect does."""
    if dialect not in _LOCAL_TIME:
        return text

    def local(node: exp.Expression) -> exp.Expression:
        is_call = isinstance(node, exp.Anonymous) and node.name.upper() == "TIMEZONE"
        if not is_call or not isinstance(node.expressions[1], exp.Anonymous):
            return node
        zone, marked = node.expressions
        at, utc = marked.expressions[1], exp.Literal.string("UTC")
        return _LOCAL_TIME[dialect](at.transform(local), zone, utc)

    tree = sqlglot.parse_one(text, read=DIALECTS[dialect][0])
    return tree.transform(local).sql(dialect=DIALECTS[dialect][0], pretty=True)


def _call(name: str, *parts: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this=name, expressions=list(parts))


_LOCAL_TIME: dict[str, Callable[..., exp.Expression]] = {
    "snowflake": lambda at, zone, utc: _call("CONVERT_TIMEZONE", utc, zone, at),
    "bigquery": lambda at, zone, utc: _call("DATETIME", _call("TIMESTAMP", at, utc), zone),
    "spark": lambda at, zone, _: _call("FROM_UTC_TIMESTAMP", at, zone),
}


def _by_plain_names(expression: ibis.Table) -> ibis.Table:
    """Name tables without the database they stand in here."""
    ops = ibis.expr.operations
    plain = {
        node: ops.UnboundTable(name=node.name, schema=node.schema)
        for node in expression.op().find(ops.DatabaseTable)
    }
    return expression.op().replace(plain).to_expr()
