"""Columns that know more than anyone did at the time are found; honest ones are left alone."""

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from smarketing.errors import CannotAnswer
from smarketing.evaluation.audit.declarations import draft_known
from smarketing.evaluation.audit.leaks import find_leaks

N = 2000
RNG = np.random.default_rng(0)
WON = RNG.uniform(size=N) < 0.2


def filled(share_of_winners, share_of_losers, value="yes"):
    """A column filled in for these shares of winners and losers."""
    chance = np.where(WON, share_of_winners, share_of_losers)
    return pd.Series(np.where(RNG.uniform(size=N) < chance, value, None), dtype=object)


def verdict_and_reason(column, name="column", **more):
    X = pd.DataFrame({name: column, "noise": RNG.normal(size=N), "mild": WON + RNG.normal(size=N)})
    row = find_leaks(X, WON, **more).frame().set_index("column").loc[name]
    return row.verdict, row.reason


@pytest.mark.parametrize(
    ("name", "column", "verdict", "words"),
    [
        ("contract_no", filled(0.9, 0.0), "leak", "Only winners have it"),
        ("rejected_because", filled(0.0, 0.6, "price"), "leak", "Only losers have it"),
        (
            "remark",
            pd.Series(np.where(WON & (RNG.uniform(size=N) < 0.3), "Closed by phone", "open")),
            "leak",
            "names how the lead ended",
        ),
        ("verdict", WON + RNG.normal(scale=0.3, size=N), "leak", "AUC"),
        (
            "note",
            pd.Series(RNG.choice(["Ringing", "wants a demo"], N)),
            "suspect",
            "trying to reach",
        ),
        (
            "profile",
            pd.Series(RNG.choice(["Potential buyer", "Other"], N)),
            "suspect",
            "judgement",
        ),
        ("budget", filled(0.8, 0.4), "suspect", "Whether it is filled in"),
        ("Lead Score", WON + RNG.normal(scale=1.5, size=N), "suspect", "rating"),
        ("lastActivity", WON + RNG.normal(scale=1.5, size=N), "suspect", "latest state"),
        ("id", pd.Series([f"x{i}" for i in RNG.permutation(N)]), "suspect", "identifier"),
        ("number", np.arange(N) * 3 + 7, "suspect", "proxy of time"),
        ("seen_on", pd.date_range("2026-01-01", periods=N, freq="h"), "suspect", "date"),
        ("source", pd.Series(RNG.choice(["web", "fair", "Referral"], N)), "fine", "No sign"),
        ("visits", RNG.poisson(2 + 2 * WON), "fine", "No sign"),
        ("one value", pd.Series(["No"] * N), "fine", "one value only"),
        ("empty", pd.Series([None] * N, dtype=object), "fine", "always empty"),
        ("nearly_always", filled(0.99, 0.99), "fine", "No sign"),
    ],
)
def test_each_kind_of_evidence_is_named(name, column, verdict, words):
    got, reason = verdict_and_reason(pd.Series(column), name)
    assert (got, words in reason) == (verdict, True), reason


def test_what_is_declared_as_later_is_a_leak_whatever_it_holds():
    got, reason = verdict_and_reason(RNG.normal(size=N), known={"column": "after_outcome"})
    assert got == "leak"
    assert "declares" in reason


def test_a_proxy_of_time_is_seen_in_the_order_of_creation_not_of_the_file():
    created = RNG.permutation(N)
    assert verdict_and_reason(created)[0] == "fine"
    assert verdict_and_reason(created, order=created)[0] == "suspect"


@pytest.mark.parametrize(
    ("name", "values", "dated", "verdict", "words"),
    [
        # no order in its names
        ("season_code", np.repeat(list("dbca"), N // 4), True, "suspect", "calendar"),
        ("batch_code", np.repeat(list("dbca"), N // 4), True, "suspect", "runs along time"),
        # a file sorted by region
        ("region", np.repeat(list("dbca"), N // 4), False, "fine", "No sign"),
        ("contactMonth", np.tile(np.arange(1, 11), N // 10), False, "suspect", "calendar"),
        ("source", RNG.choice(["web", "fair"], N), True, "fine", "No sign"),
    ],
)
def test_the_month_in_any_dress_is_a_proxy_of_time(name, values, dated, verdict, words):
    order = {"order": pd.date_range("2025-01-01", periods=N, freq="3h")} if dated else {}
    got, reason = verdict_and_reason(pd.Series(values), name, **order)
    assert got == verdict, reason
    assert words in reason


def test_a_date_written_long_after_creation_is_told_with_its_share():
    created = pd.Series(pd.date_range("2025-01-01", periods=N, freq="3h"))
    later = created + pd.to_timedelta(np.where(np.arange(N) % 4 == 0, 30, 0), unit="D")
    got, reason = verdict_and_reason(later.dt.strftime("%Y-%m-%d %H:%M"), order=created)
    assert got == "suspect"
    assert "25\u00a0% got it more than two days after they were created" in reason


def test_a_date_that_losers_have_is_a_stage_rather_than_a_leak():
    dates = filled(0.0, 0.6, "2026-03-04")
    got, reason = verdict_and_reason(dates)
    assert got == "suspect"
    assert "belongs under stages" in reason


def test_rare_values_do_not_look_telling_by_seeing_their_own_outcome():
    few_of_each = pd.Series(RNG.integers(0, 700, N)).astype(str)
    frame = find_leaks(pd.DataFrame({"city": few_of_each}), WON).frame()
    assert frame.auc[0] < 0.56
    assert frame.verdict[0] == "fine"


def test_the_draft_declares_what_is_clean_and_keeps_the_rest_out():
    columns = pd.DataFrame(
        [
            ("Job: Title", "fine", "No sign.", "undeclared"),
            ("Package", "leak", "Only winners have it: 100% won.", "undeclared"),
            ("Package!", "suspect", "A rating.", "undeclared"),
            ("employees", "suspect", "Odd.", "at_creation"),
            ("role", "fine", "No sign.", "at_creation"),
        ],
        columns=["column", "verdict", "reason", "known"],
    )
    text = draft_known(columns, {"Package!": True})
    assert YAML(typ="safe").load(text) == {
        "attributes": {
            "job_title": {"column": "Job: Title", "known": "at_creation"},
            "package": {"column": "Package", "known": "after_outcome"},
            "package_2": {"column": "Package!", "type": "number", "known": "after_outcome"},
        }
    }
    assert "# leak: Only winners have it: 100% won." in text
    assert "# employees (suspect): Odd." in text
    assert "role" not in text


def test_a_named_outcome_that_says_nothing_is_no_leak():
    column = pd.Series(RNG.choice(["won a prize", "no prize"], N))
    assert verdict_and_reason(column)[0] == "fine"


def history(shares_of_winners, shares_of_losers, column="column"):
    """Changes of shares of winners and losers after (first scoring, hand-over, outcome)."""
    chance = np.where(WON[:, None], shares_of_winners, shares_of_losers)
    row, phase = np.nonzero(RNG.uniform(size=(N, 3)) < chance)
    after = np.array(["scoring", "handover", "outcome"])[phase]
    rows = [*row, *range(N)]  # every value was typed at creation
    return pd.DataFrame({"row": rows, "column": column, "after": [*after, *["creation"] * N]})


HONEST = pd.Series(RNG.choice(["a", "b", "c"], N), dtype=object)
WRITTEN = {
    "when they won": ((0, 0, 0.6), (0, 0, 0), "leak", "written with the outcome"),
    "of a fifth of the winners": ((0, 0, 0.3), (0, 0, 0.02), "leak", "written with the outcome"),
    "anew for everyone, won or not": ((0.3, 0, 0.4), (0.3, 0, 0.4), "suspect", "overwritten"),
    "later for many": ((0.2, 0.1, 0), (0.2, 0.1, 0), "suspect", "not what was known then"),
    "for winners more than for others": ((0.09, 0, 0), (0.01, 0, 0), "suspect", "overwritten"),
    "seldom": ((0.02, 0, 0), (0.02, 0, 0), "fine", "settled at creation"),
    "at creation alone": ((0, 0, 0), (0, 0, 0), "fine", "others 0\u00a0%"),
}


@pytest.mark.parametrize(
    ("winners", "losers", "verdict", "words"), WRITTEN.values(), ids=WRITTEN.keys()
)
def test_the_history_of_a_column_tells_when_it_is_written(winners, losers, verdict, words):
    got, reason = verdict_and_reason(HONEST, changes=history(winners, losers))
    assert (got, words in reason) == (verdict, True), reason


def test_a_column_whose_history_is_not_kept_is_judged_by_its_values_alone():
    changes = history((0.5, 0.5, 0.5), (0, 0, 0), "another")
    assert verdict_and_reason(HONEST, changes=changes) == verdict_and_reason(HONEST)


@pytest.mark.parametrize("known", ["at", "history"])
def test_what_scores_see_only_from_its_moment_on_is_no_leak_for_coming_late(known):
    changes = history((0.5, 0.2, 0.5), (0, 0, 0)).assign(
        how="known" if known == "at" else "changed"
    )
    got, reason = verdict_and_reason(HONEST, known={"column": known}, changes=changes)
    assert got == "fine"
    assert "scores use it only from its moment on" in reason


def test_a_settled_history_stands_beside_other_evidence():
    answer = verdict_and_reason(filled(0.6, 0), changes=history((0, 0, 0), (0, 0, 0)))
    assert answer[0] == "leak"
    assert "Only winners have it" in answer[1]
    assert "settled at creation" in answer[1]


def test_changes_of_leads_without_an_outcome_do_not_count():
    y = pd.array(WON, dtype="boolean")
    y[::2] = pd.NA
    changes = history((0, 0, 0.9), (0, 0, 0))
    audit = find_leaks(pd.DataFrame({"column": HONEST}), y, changes=changes[changes.row % 2 == 0])
    assert audit.changed.empty
    audit = find_leaks(pd.DataFrame({"column": HONEST}), y, changes=changes)
    changed = audit.changed.set_index("group")
    assert changed.n["won"] == WON[1::2].sum() == audit.n_won
    assert (
        changed.after_outcome["won"]
        == changes[(changes.after == "outcome") & (changes.row % 2 == 1)].row.nunique()
    )


def test_leads_without_an_outcome_are_left_out():
    y = pd.array([True, False, None] * 40, dtype="boolean")
    audit = find_leaks(pd.DataFrame({"a": range(120)}), y)
    assert (audit.n, audit.n_won) == (80, 40)


@pytest.mark.parametrize("y", [[0] * 10, [1] * 10, []])
def test_one_outcome_only_is_said_in_a_sentence(y):
    with pytest.raises(CannotAnswer, match="won"):
        find_leaks(pd.DataFrame({"a": range(len(y))}), y)


def test_finds_all_nine_of_x_education_and_no_more_leaks(real_data):
    leads = pd.read_csv(
        real_data / "xeducation" / "Leads.csv", keep_default_na=False, na_values=["", "Select"]
    )
    audit = find_leaks(leads.drop(columns="Converted"), leads.Converted)
    verdict = audit.frame().set_index("column").verdict
    nine = ["Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"]
    nine += [c for c in leads if c.startswith("Asymmetrique")]
    assert len(nine) == 9
    assert set(verdict[nine]) <= {"leak", "suspect"}
    assert audit.columns.column[audit.columns.verdict == "leak"].tolist() == ["Tags"]
    honest = ["Lead Origin", "Lead Source", "Total Time Spent on Website", "TotalVisits"]
    honest += ["Page Views Per Visit", "Search", "Newspaper", "Newspaper Article", "Magazine"]
    honest += ["Digital Advertisement", "X Education Forums", "Through Recommendations"]
    assert set(verdict[honest]) == {"fine"}
    assert "proxy of time" in audit.frame().set_index("column").reason["Lead Number"]


def test_the_month_of_olists_leads_is_flagged_and_its_origin_is_not(real_data):
    folder = real_data / "olist"
    leads = pd.read_csv(folder / "olist_marketing_qualified_leads_dataset.csv")
    won = leads.mql_id.isin(pd.read_csv(folder / "olist_closed_deals_dataset.csv").mql_id)
    contact = pd.to_datetime(leads.first_contact_date)
    X = leads[["origin"]].assign(
        month=contact.dt.strftime("%Y-%m"),
        cohort=contact.dt.strftime("%y%m").map("c{}".format),
        first_contact_date=leads.first_contact_date,
    )
    columns = find_leaks(X, won, order=contact).frame().set_index("column")
    assert columns.verdict["origin"] == "fine"
    assert set(columns.verdict.drop("origin")) == {"suspect"}
    assert "calendar" in columns.reason["month"]
    assert "runs along time" in columns.reason["cohort"]
