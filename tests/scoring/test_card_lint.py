"""Rules that do nothing, or the opposite of what was meant, are found; sound ones are not."""

import pytest

from smarketing.scoring.lint import lint_card
from tests.scoring_cases import CARD, agreement

LINES = {
    "mql": {"score": 30, "fit_at_least": 15, "target": "sql", "window_days": 45},
    "sql": {"score": 45, "fit_at_least": 20, "target": "sql", "window_days": 60},
}
FIT = CARD["fit"]["rules"]


def lint(made_up, *fit, lines=LINES, card=None):
    chosen = card or {**CARD, "fit": {"cap": 50, "rules": list(fit)}}
    return lint_card(made_up, agreement(chosen, lines=lines))


def codes(found):
    return set(found.frame()[["code", "rule"]].itertuples(index=False, name=None))


def rule(name, points, **when):
    return {"name": name, "points": points, "when": when}


def test_a_sound_card_has_no_findings(made_up):
    found = lint(made_up, *FIT)
    assert codes(found) == set()
    table = found.rules.set_index("rule")
    assert table.rate_with["IT decision maker"] > table.rate_without["IT decision maker"]
    assert table.share.between(0, 1).all()
    assert found.to_dict()["moments"] == found.moments > 600


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        (rule("No such role", 5, field="job_role", **{"is": "ceo"}), "never_fires"),
        (rule("Impossible", 5, field="employees", between=[5000000, 6000000]), "never_fires"),
        (rule("Anybody", 5, field="source", missing=False), "fires_for_all"),
        (rule("Students welcome", 4, field="job_role", **{"is": "student"}), "against_outcome"),
        (rule("No bosses", -4, field="job_role", **{"is": "cto"}), "against_outcome"),
        (rule("Students again", 4, field="job_role", **{"is": "student"}), "never_lifts"),
    ],
)
def test_a_planted_fault_is_found(made_up, extra, code):
    assert (code, extra["name"]) in codes(lint(made_up, *FIT, extra))


def test_rules_that_pull_in_opposite_directions_are_named_together(made_up):
    taken = rule("Not IT", -5, field="job_role", **{"in": ["cto", "it_manager"]})
    found = lint(made_up, *FIT, taken).frame()
    says = found[found.code == "contradicts"].says.tolist()
    assert says == ["IT decision maker gives and Not IT takes, for the same leads"]


def test_a_line_out_of_reach_is_said(made_up):
    small = {"fit": {"cap": 50, "rules": FIT[:1]}, "engagement": {"cap": 50, "rules": []}}
    found = lint(made_up, card=small)
    says = found.frame().query("code == 'line_out_of_reach'").says.tolist()
    assert says == [
        "no lead can reach the MQL line: the rules give 20 at most",
        "no lead can reach the SQL line: the rules give 20 at most",
    ]


def test_an_empty_card_is_no_error(made_up):
    bare = {"fit": {"cap": 50, "rules": []}, "engagement": {"cap": 50, "rules": []}}
    found = lint(made_up, card=bare)
    assert {code for code, _ in codes(found)} == {"line_out_of_reach"}
    assert found.notes
