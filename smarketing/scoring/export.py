"""The agreed scorecard to take elsewhere: SQL for a warehouse, YAML, a table to type into a CRM."""

from __future__ import annotations

import io

import ibis
import pandas as pd
from ruamel.yaml import YAML

from smarketing.agreement import Agreement, Scorecard
from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.scoring.card_table import card_table
from smarketing.scoring.scorecard import fields_of, score_card
from smarketing.warehouse import Warehouse

FORMS = ("sql", "yaml", "table")
# Name as people say it -> ibis' name, and the present moment as naive UTC in that dialect.
DIALECTS = {
    "duckdb": ("duckdb", "TIMEZONE('UTC', NOW())"),
    "postgres": ("postgres", "TIMEZONE('UTC', NOW())"),
    "snowflake": ("snowflake", "SYSDATE()"),
    "bigquery": ("bigquery", "CURRENT_DATETIME('UTC')"),
    "spark": ("databricks", "TO_UTC_TIMESTAMP(CURRENT_TIMESTAMP(), CURRENT_TIMEZONE())"),
}
_NTZ = ("snowflake", "spark")  # their TIMESTAMP may carry a time zone
_LOCAL_TIME = {"created_weekday", "created_hour"}


def export_scorecard(
    warehouse: Warehouse,
    agreement: Agreement,
    card: Scorecard | None = None,
    form: str = "sql",
    dialect: str = "duckdb",
    as_of: pd.Timestamp | None = None,
) -> str:
    """Return a scorecard as text.

    Parameters
    ----------
    warehouse : Warehouse
        Its tables say the types of the columns.
    agreement : Agreement
        For personas and grades.
    card : Scorecard, optional
        By default the agreement's first.
    form : str
        ``sql``: one query over tables ``leads`` and ``events`` in the canonical form that gives
        every lead's fit, engagement, score and grade, decay, repeat limits and caps included.
        ``yaml``: the block of ``agreement.yml``. ``table``: CSV to type into a CRM
        (:func:`smarketing.scoring.card_table.card_table`).
    dialect : str
        Of SQL: ``duckdb``, ``postgres``, ``snowflake``, ``bigquery`` or ``spark``.
    as_of : pandas.Timestamp, optional
        Of SQL: the moment of scoring, naive UTC; by default the moment the query is run.

    Raises
    ------
    UsageError
        If there is no such form or dialect.
    CannotAnswer
        If the dialect cannot say what a rule asks for.

    Examples
    --------
    >>> print(export_scorecard(warehouse, agreement, dialect="postgres"))  # doctest: +SKIP
    """
    if form not in FORMS:
        raise UsageError(
            Problem("there is no such form", found=repr(form), allowed=", ".join(FORMS))
        )
    card = agreement.scorecard if card is None else card
    if form == "yaml":
        return _yaml(card)
    if form == "table":
        return card_table(card, agreement)
    if dialect not in DIALECTS:
        allowed = ", ".join(DIALECTS)
        raise UsageError(Problem("there is no such dialect", found=repr(dialect), allowed=allowed))
    return _sql(card, warehouse, agreement, dialect, as_of)


def _sql(
    card: Scorecard,
    warehouse: Warehouse,
    agreement: Agreement,
    dialect: str,
    as_of: pd.Timestamp | None,
) -> str:
    asked = _LOCAL_TIME & fields_of(card, agreement.personas)
    if asked and dialect not in ("duckdb", "postgres"):
        raise CannotAnswer(
            f"a rule asks for {', '.join(sorted(asked))}, which is local time; that can be written "
            "for duckdb and postgres only"
        )
    leads = warehouse.table("leads")
    present = ibis.table({"as_of": "timestamp"}, name="moment")
    pairs = leads.cross_join(present).select("lead_id", "created_at", "as_of")
    moments = pairs.filter(pairs.created_at <= pairs.as_of).select(
        "lead_id",
        "as_of",
        spell=ibis.literal(1, "int32"),
        started_at="created_at",
        number=ibis.literal(1, "int32"),
        last_at_handover=ibis.literal(False),
        weight=ibis.literal(1.0),
    )
    scores = score_card(card, warehouse, moments, agreement, decay_by_formula=True)
    scores = scores.drop("spell").order_by("lead_id")
    name, now = DIALECTS[dialect]
    if as_of is not None:
        kind = (
            "DATETIME"
            if dialect == "bigquery"
            else "TIMESTAMP_NTZ"
            if dialect in _NTZ
            else "TIMESTAMP"
        )
        now = f"CAST('{pd.Timestamp(as_of)}' AS {kind})"
    text = str(ibis.to_sql(_by_plain_names(scores), dialect=name))
    rest = text.removeprefix("WITH ") if text.startswith("WITH ") else text
    joint = ",\n" if text.startswith("WITH ") else "\n"
    return (
        f"-- Scorecard of agreement version {agreement.version}, valid from "
        f"{agreement.valid_from:%Y-%m-%d}; times are UTC.\n"
        f"WITH moment AS (\n  SELECT {now} AS as_of\n){joint}{rest}\n"
    )


def _by_plain_names(expression: ibis.Table) -> ibis.Table:
    """Name tables without the database they stand in here."""
    ops = ibis.expr.operations
    plain = {
        node: ops.UnboundTable(name=node.name, schema=node.schema)
        for node in expression.op().find(ops.DatabaseTable)
    }
    return expression.op().replace(plain).to_expr()


def _yaml(card: Scorecard) -> str:
    out, writer = io.StringIO(), YAML()
    writer.width = 100
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump({"scorecard": _plain(card.to_dict())}, out)
    return out.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
