"""What the parts of the agreement are made of: their base, and types of single values."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict

MOST_POINTS = 1_000_000
Whole = Annotated[int, Strict(), Field(ge=-1_000_000_000, le=1_000_000_000)]
Points = Annotated[int, Strict(), Field(ge=-MOST_POINTS, le=MOST_POINTS)]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Text = Annotated[str, Strict(), Field(min_length=1)]
Positive = Annotated[Number, Field(gt=0)]
NotNegative = Annotated[Number, Field(ge=0)]
Days = Annotated[Number, Field(gt=0)]
Share = Annotated[Number, Field(ge=0, le=1)]


class Part(BaseModel):
    """Base of the agreement's parts: frozen, no unknown keys, docstrings as descriptions."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )
