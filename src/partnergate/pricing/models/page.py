"""The section of ``docs/pricing.md`` that documents every registered price model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.pricing.models import MODELS
from partnergate.wording import counted

if TYPE_CHECKING:
    from partnergate.pricing.models.price_model import PriceModel

BEGIN: Final = "<!-- price models: made from src/partnergate/pricing/models -->\n"
END: Final = "<!-- end of price models -->\n"


def pricing_page(page: str) -> str:
    """Return the page with the current section; raises ``ValueError`` if the markers are missing."""
    head, rest = page.split(BEGIN)
    _, tail = rest.split(END)
    sections = "\n".join(_section(model) for model in MODELS)
    return f"{head}{BEGIN}\n{sections}\n{END}{tail}"


def _section(model: type[PriceModel]) -> str:
    example = model.example
    events = f" in {counted(example.events, 'event')}" if example.events else ""
    quantity = f"{example.quantity}{events}" if example.quantity else "none"
    amount = f"{example.arithmetic} = {example.amount}" if example.arithmetic else example.amount
    return "\n".join(
        [
            f"### `{model.model}`",
            "",
            model.guide,
            "| price | quantity | amount |",
            "| --- | --- | --- |",
            f"| `{example.price}` | {quantity} | {amount} |",
            "",
        ]
    )
