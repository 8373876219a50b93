"""The whole protocols of what stands outside, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.channels.base import Address, AfterUnknown, Budget, FileGone, Profile
from handlers.attachments import Attachment
from handlers.messages import Reply
from handlers.nlu import Entity, Intent, NLUUnavailable, ParsedMessage
from handlers.orders import Order, OrdersUnavailable


class FakeNLU:
    """Reads what it was taught with `teach`; anything else is a weak guess. `down` makes it unavailable."""

    def __init__(self) -> None:
        self.down = False
        self.asked: list[str] = []
        self._taught: dict[str, ParsedMessage] = {}

    def teach(
        self,
        text: str,
        intent: str,
        confidence: float = 0.98,
        *,
        second: str = "help",
        language: str | None = "pl",
        **entities: str,
    ) -> None:
        found = tuple(Entity(name, value, 0, len(value)) for name, value in entities.items())
        others = (Intent(second, max(0.0, 1 - confidence) / 2),)
        self._taught[text] = ParsedMessage(
            text, (Intent(intent, confidence), *others), found, language, 0.99 if language else 0.0, "fake"
        )

    async def parse(self, text: str, message_id: str) -> ParsedMessage:
        if self.down:
            raise NLUUnavailable("it is down")
        self.asked.append(text)
        guess = ParsedMessage(text, (Intent("greet", 0.05), Intent("help", 0.04)), (), None, 0.0, "fake")
        return self._taught.get(text, guess)


class FixedNLU:
    """Always the same intent, for sure and at once."""

    def __init__(self, intent: str) -> None:
        self._intent = intent

    async def parse(self, text: str, message_id: str) -> ParsedMessage:
        return ParsedMessage(text, (Intent(self._intent, 0.99),), (), "pl", 0.99, "fixed")


class FakeOrders:
    """The shop's system with these orders. `down` makes it unavailable."""

    def __init__(self, orders: Mapping[str, Order]) -> None:
        self.orders = dict(orders)
        self.down = False
        self.asked: list[str] = []

    async def find(self, number: str) -> Order | None:
        self.asked.append(number)
        if self.down:
            raise OrdersUnavailable("it is down")
        return self.orders.get(number)


class FakeChannel:
    """Keeps what it was told to send; `failures` are raised first, one a call. A part of a reply is as many
    characters as `most`, each file one of its own. `holds` are keys the provider has although its answer was lost.
    `shown` is what the customer has on the screen, by the provider's ids; `deeds` is what was done, in order."""

    name = "local"
    seconds_per_chat = 0.0
    after_unknown = AfterUnknown.FLAG

    def __init__(self) -> None:
        self.sent: list[tuple[str, Reply]] = []
        self.to: list[Address] = []
        self.keys: list[str] = []
        self.failures: list[Exception] = []
        self.shared: tuple[Budget, ...] = ()
        self.most = 100_000
        self.holds: dict[str, str] = {}
        self.profiles: dict[str, Profile] = {}
        self.homes: list[tuple[str, tuple[Reply, ...]]] = []
        self.shown: dict[str, Reply] = {}
        self.deeds: list[str] = []
        self.files: dict[str, bytes] = {}

    def budgets(self, to: Address) -> tuple[Budget, ...]:
        return self.shared

    def split(self, reply: Reply) -> tuple[Reply, ...]:
        texts = [reply.text[at : at + self.most] for at in range(0, len(reply.text), self.most)]
        parts = [*(Reply(text) for text in texts[:-1]), replace(reply, text=texts[-1], files=())] if texts else []
        return (*parts, *(Reply("", files=(file,)) for file in reply.files)) or (reply,)

    async def send(self, to: Address, reply: Reply, key: str) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((to.chat_id, reply))
        self.to.append(to)
        self.keys.append(key)
        provider_id = f"sent-{len(self.sent)}"
        self.shown[provider_id] = reply
        self.deeds.append(f"send {provider_id}")
        return provider_id

    async def edit(self, to: Address, provider_id: str, reply: Reply, key: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.shown[provider_id] = reply
        self.deeds.append(f"edit {provider_id}")

    async def delete(self, to: Address, provider_id: str, key: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.shown.pop(provider_id, None)
        self.deeds.append(f"delete {provider_id}")

    async def fetch(self, file: Attachment) -> bytes:
        if file.reference not in self.files:
            raise FileGone(file.reference)
        return self.files[file.reference]

    async def find(self, to: Address, key: str, since: datetime) -> str | None:
        if self.failures:
            raise self.failures.pop(0)
        return self.holds.get(key)

    async def profile(self, sender_id: str) -> Profile:
        return self.profiles.get(sender_id, Profile())

    async def show_home(self, sender_id: str, chat_id: str, sections: tuple[Reply, ...]) -> None:
        self.homes.append((sender_id, sections))
