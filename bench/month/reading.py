"""An understanding that is right about the month's sentences, and can be out of order."""

from __future__ import annotations

from handlers.nlu import Intent, NLUUnavailable, ParsedMessage

WORDS = {
    "zwrot": "return_policy",
    "godzin": "opening_hours",
    "dostawa trwa": "delivery_period",
    "nie dotarła": "delivery_problem",
    "popsuta": "warranty_claim",
    "skarg": "complaint",
    "faktur": "get_invoice",
    "moim zgłoszeniem": "ticket_status",
    "człowiek": "human_handoff",
    "return": "return_policy",
    "parcel": "delivery_problem",
    "invoice": "get_invoice",
}
ENGLISH = ("return", "parcel", "invoice", "the ", "my ")


class WordNLU:
    """`down`: it does not answer."""

    def __init__(self) -> None:
        self.down = False

    async def parse(self, text: str, message_id: str) -> ParsedMessage:  # noqa: ARG002 - the protocol's
        if self.down:
            raise NLUUnavailable("the language server is down for a while")
        folded = text.lower()
        intent = next((name for word, name in WORDS.items() if word in folded), None)
        language = "en" if any(word in folded for word in ENGLISH) else "pl"
        best = Intent(intent, 0.97) if intent else Intent("thank_you", 0.2)
        return ParsedMessage(text, (best, Intent("help", 0.01)), (), language, 0.99, "month")
