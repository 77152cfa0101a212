"""One lead explained: the parts sum to its score, which is the one of all other questions."""

import pandas as pd
import pytest

from smarketing.errors import CannotAnswer, UsageError
from smarketing.scoring.lead import explain_lead
from smarketing.scoring.learning import learn_scorecard
from smarketing.scoring.population import build_population
from smarketing.scoring.score_history import score_history
from smarketing.scoring.scores import score_leads
from tests.scoring_cases import AS_OF, LINES, agreement


@pytest.fixture(scope="module")
def rules():
    return agreement(lines=LINES)


def test_the_breakdown_sums_to_the_score_and_the_history_ends_then(made_up, rules):
    scores = score_leads(made_up, rules, AS_OF).frame().set_index("lead_id")
    for lead in scores.index[::40]:
        told = explain_lead(made_up, rules, lead, AS_OF)
        assert told.frame().points.sum() == pytest.approx(scores.score[lead])
        assert told.score["grade"] == scores.grade[lead]
        assert told.to_dict()["as_of"] == "2025-10-01T00:00:00"
        went = score_history(made_up, rules, [lead], as_of=AS_OF)
        assert told.history.score.tolist() == went.rows.score.tolist()
        assert went.rows.as_of.max() <= AS_OF
        assert told.trend["trend"] == went.trends.trend.iloc[0]


def test_a_lead_is_explained_by_a_learned_card_with_its_own_grades(made_up, rules):
    learned = learn_scorecard(build_population(made_up, rules), rules, AS_OF)
    rows = score_leads(made_up, rules, AS_OF, "card").frame().set_index("lead_id")
    best = rows.index[0]
    told = explain_lead(made_up, rules, best, AS_OF, learned.card, learned.grades)
    assert told.frame().points.sum() == told.score["score"] == rows.score[best]
    assert told.score["grade"] == rows.grade[best]


@pytest.mark.parametrize(
    ("lead", "kind", "said"),
    [("L9", UsageError, "no lead has this id"), ("L00599", CannotAnswer, "is not open then")],
)
def test_leads_that_cannot_be_explained_are_told_apart(made_up, rules, lead, kind, said):
    with pytest.raises(kind, match=said):
        explain_lead(made_up, rules, lead, pd.Timestamp("2025-02-01"))
