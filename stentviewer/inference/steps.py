"""Steps of preprocessing that somebody declares: part of a `Preprocessing`, laid over another."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from stentviewer.inference.preprocess import Fit, Preprocessing


class Steps(BaseModel):
    """What is to be other than usual; the fields are `Preprocessing`'s, None where as usual."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    fit: Fit | None = None
    window: Literal["percentile", "dicom"] | None = None
    low: float | None = None
    high: float | None = None
    polarity: Literal["as is", "bone dark", "bone bright"] | None = None
    bits: Literal[8, 16] | None = None
    median: Literal[0, 3, 5] | None = None
    gaussian: float | None = None
    gaussian_kernel: int | None = None
    equalise: Literal["none", "histogram", "clahe"] | None = None
    clahe_clip: float | None = None
    clahe_tiles: int | None = None
    range: Literal["0 to 1", "-1 to 1"] | None = None
    mean: tuple[float, float, float] | None = None
    std: tuple[float, float, float] | None = None

    @model_validator(mode="after")
    def _possible(self) -> Steps:
        Preprocessing.model_validate({"side": 64, **self.declared})
        return self

    @property
    def declared(self) -> dict[str, Any]:
        """The fields that are declared."""
        return self.model_dump(exclude_none=True)

    def on(self, spec: Preprocessing) -> Preprocessing:
        """`spec` with these steps; its side stays.

        Raises ValueError (pydantic's) where the two do not go together: a low percentile above the
        high one of `spec`.
        """
        kept = spec.model_dump(exclude=None if self.range is None else {"mean", "std"})
        return Preprocessing.model_validate({**kept, **self.declared})

    def __str__(self) -> str:
        """As they are written in one line: "equalise=clahe + clahe_clip=3"."""
        return " + ".join(f"{key}={_short(value)}" for key, value in self.declared.items())


def _short(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(_short(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
