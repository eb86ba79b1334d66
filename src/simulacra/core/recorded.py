"""Things that remember how they were constructed."""

from __future__ import annotations

from typing import Any


class Recorded:
    """Remembers its constructor's arguments, so that a run can say how to build it again.

    Networks and models derive from it beside `nn.Module`; what was passed in is kept out of torch's sight.
    """

    recipe: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the constructor takes
        """A fresh object that keeps its arguments."""
        made = super().__new__(cls)
        object.__setattr__(made, "recipe", (args, kwargs))
        return made
