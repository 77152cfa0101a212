"""Which persona of the agreement a lead is: the first that matches counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smarketing.agreement.matching import matches
from smarketing.clock import to_local
from smarketing.language.catalogue import mark

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement

UNMATCHED = mark("(no persona)")


def persona_fields(agreement: Agreement) -> list[str]:
    """Return the fields the personas' conditions look at, sorted."""
    asked = [persona.when.fields() for persona in agreement.personas.values()]
    return sorted(set().union(*asked))


def personas(leads: pd.DataFrame, agreement: Agreement) -> pd.Series:
    """Return the persona of each lead; "(no persona)" where none matches.

    Parameters
    ----------
    leads : pandas.DataFrame
        The fields of :func:`persona_fields` that the leads have; a field they lack is missing.
    agreement : Agreement

    Examples
    --------
    >>> from smarketing.agreement.model import Agreement
    >>> personas(pd.DataFrame({"job_role": ["cfo"]}), agreement).tolist()  # doctest: +SKIP
    ['finance_sponsor']
    """
    if leads.columns.empty or not agreement.personas:
        return pd.Series(UNMATCHED, index=leads.index, dtype="str")
    days = {
        name: to_local(leads[name], agreement.timezone).dt.date
        for name in leads.select_dtypes("datetime")
    }
    leads = leads.assign(**days)  # a condition asks for the day where the company is
    plain = leads.astype(object).where(leads.notna(), None)
    # leads that look the same to the conditions are judged once
    keys = plain.apply(tuple, axis=1)
    known = {}
    for key in keys.unique():
        lead = dict(zip(leads.columns, key, strict=True))
        known[key] = next(
            (name for name, one in agreement.personas.items() if matches(one.when, lead)),
            UNMATCHED,
        )
    return pd.Series([known[key] for key in keys], index=leads.index, dtype="str")
