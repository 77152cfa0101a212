"""Questions about scorecards: what is wrong with one, what a change would do, what to learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarketing.errors import Problem, UsageError
from smarketing.opened import Opened

if TYPE_CHECKING:
    import pandas as pd

    from smarketing.agreement.model import Grades
    from smarketing.agreement.scorecard import Scorecard
    from smarketing.evaluation.monitoring.champion_choice import Challenge
    from smarketing.scoring.card_trials import CardWhatIf
    from smarketing.scoring.learning import LearnedCard
    from smarketing.scoring.lint import CardLint
    from smarketing.scoring.persistence import ModelCard

AGREED, LEARNED = "agreed", "card"


def lint(self: Opened) -> CardLint:
    """Hold the agreed scorecard against history: rules that do nothing, or the opposite.

    Returns
    -------
    CardLint
        Findings, and what each rule does on history.

    Raises
    ------
    CannotAnswer
        If there is no lead old enough to be judged.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.lint().findings.columns.tolist()
    ['code', 'rule', 'says']
    """
    from smarketing.scoring.lint import lint_card

    return lint_card(self.warehouse, self.agreement)


def what_if(self: Opened, rule: str, points: int, as_of: str = "") -> CardWhatIf:
    """Tell which open leads would change score, grade or line if a rule gave other points.

    Parameters
    ----------
    rule : str
        Its name in the agreed scorecard.
    points : int
        Its points then; 0 leaves it out.
    as_of : str
        As known at the end of this local day, or at this time; the data's end if empty.

    Returns
    -------
    CardWhatIf
        One row per lead that would change.

    Raises
    ------
    UsageError
        If no rule has the name.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     len(ws.what_if("Demo request", 22).frame())  # its points as agreed
    0
    """
    from smarketing.agreement.parts import MOST_POINTS
    from smarketing.scoring.card_trials import change_rule
    from smarketing.scoring.card_trials import what_if as ask

    if abs(points) > MOST_POINTS:
        allowed = f"{-MOST_POINTS:,} to {MOST_POINTS:,}"
        raise UsageError(
            "these are no points of a card", found=f"--points {points}", allowed=allowed
        )
    other = change_rule(self.agreement.scorecard, rule, points=points)
    return ask(self.warehouse, self.agreement, other, self.moment(as_of))


def learn(self: Opened, max_lines: int = 15, max_points: int = 20, as_of: str = "") -> LearnedCard:
    """Learn a scorecard from history, in the form of an agreed one.

    It predicts the SQL threshold's target from what was known of each lead at the time.

    Parameters
    ----------
    max_lines : int
        Maximum number of rules.
    max_points : int
        Maximum points of a rule.
    as_of : str
        As in :meth:`what_if`.

    Returns
    -------
    LearnedCard
        ``.yaml()`` is the block as it would stand in agreement.yml.

    Raises
    ------
    CannotAnswer
        If no outcome was known by then, or all were the same.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     len(ws.learn(max_lines=5).frame()) <= 5
    True
    """
    from smarketing.scoring.learning import learn_scorecard

    people = self.population()
    at = self.moment(as_of) or people.data_until
    return learn_scorecard(people, self.agreement, at, max_lines, max_points)


def challenge(self: Opened, model: str) -> Challenge:
    """Judge a model against the one that scores now, month by month.

    Parameters
    ----------
    model : {"card", "logistic", "boosted"}

    Returns
    -------
    Challenge
        ``.won`` tells whether it may take the other's place.

    Raises
    ------
    UsageError
        If there is no such model.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.challenge("logistic").champion
    'agreed'
    """
    from smarketing.evaluation.monitoring.champion_choice import challenge as judge
    from smarketing.scoring.models.registry import MODELS

    one_of("model", model, tuple(MODELS))
    before = champion(self)
    return judge(
        self.population(),
        self.agreement,
        before.model if before else AGREED,
        model,
        before.known_until if before else "",
        self.cache,
    )


def champion(self: Opened) -> ModelCard | None:
    """Return what is known of the model in use; None while the agreed scorecard is alone.

    Returns
    -------
    ModelCard or None
        Its kind, what it learned from, and how it was measured.

    Examples
    --------
    >>> import smarketing
    >>> smarketing.open("data/demo").champion() is None
    True
    """
    from smarketing.scoring.champion import champion_card

    return champion_card(self.path)


def keep_model(self: Opened, model: str, metrics: dict[str, float] | None = None) -> ModelCard:
    """Learn a model from all that is known and put it in use: ``score(model="kept")``.

    Whether it should be is asked before: :meth:`challenge`.

    Parameters
    ----------
    model : {"card", "logistic", "boosted"}
    metrics : dict of str to float, optional
        As measured on rows it did not learn from.

    Returns
    -------
    ModelCard
        Its kind, what it learned from, and how it was measured.

    Raises
    ------
    UsageError
        If there is no such model.
    CannotAnswer
        If the leads have no dates: nobody could say which of them it has seen.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open(my_company) as ws:
    ...     ws.keep_model("logistic").model
    'logistic'
    """
    from smarketing.scoring.champion import save_champion
    from smarketing.scoring.models.registry import MODELS

    one_of("model", model, tuple(MODELS))
    known = (self.population(), self.agreement, model, self.warehouse.fingerprint)
    return save_champion(self.path, *known, metrics)


def export(self: Opened, form: str = "sql", dialect: str = "duckdb", model: str = AGREED) -> str:
    """Write a scorecard as SQL, as YAML, or as a table to type into a CRM.

    Parameters
    ----------
    form : {"sql", "yaml", "table"}
    dialect : {"duckdb", "postgres", "snowflake", "bigquery", "spark"}
        Of the SQL.
    model : {"agreed", "card"}
        The agreed scorecard, or one learned from history.

    Returns
    -------
    str
        The text.

    Raises
    ------
    UsageError
        If there is no such form, dialect or card.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.export("yaml").splitlines()[0]
    'scorecard:'
    """
    from smarketing.scoring.card_export import export_scorecard

    card, grades = card_and_grades(self, model, None)
    return export_scorecard(
        self.warehouse, self.agreement, card=card, form=form, dialect=dialect, grades=grades
    )


def card_and_grades(
    self: Opened, model: str, at: pd.Timestamp | None
) -> tuple[Scorecard | None, Grades | None]:
    """Return the card asked for with its grades; None for the agreement's own."""
    from smarketing.scoring.learning import learn_scorecard

    one_of("model", model, (AGREED, LEARNED))
    if model == AGREED:
        return None, None
    people = self.population()
    learned = learn_scorecard(people, self.agreement, at or people.data_until)
    return learned.card, learned.grades


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse a value that is none of those allowed."""
    if value not in allowed:
        raise UsageError(
            Problem(f"{name} is not known", found=repr(value), allowed=", ".join(allowed))
        )
