"""Names for what the desk shows: statuses, categories, channels, actors, in the desk's language."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.channels.slack.blocks import escape
from handlers.content import Content
from handlers.desk import Desk
from handlers.texts import Texts, UnknownText
from storage.agents import Agent
from storage.tickets import Ticket


@dataclass(frozen=True)
class Wording:
    """What is named comes back as mrkdwn: escaped where anybody but us wrote it."""

    texts: Texts
    content: Content

    @classmethod
    def of(cls, desk: Desk) -> Wording:
        return cls(desk.catalogue[desk.content.desk.language], desk.content)

    @property
    def zone(self) -> ZoneInfo:
        return self.content.calendar.zone

    @property
    def language(self) -> str:
        return self.texts.language

    def topic(self, category: str) -> str:
        """Content can change while tickets live on: a topic that is gone shows its name."""
        known = self.content.topics.get(category)
        return known.in_language(self.language) if known else category

    def field(self, name: str) -> str:
        known = self.content.fields.get(name)
        return known.label.in_language(self.language) if known else name

    def cause(self, name: str) -> str:
        known = self.content.desk.causes.get(name)
        return known.in_language(self.language) if known else self.known(f"desk.cause.{name}", name)

    def status(self, name: str) -> str:
        return self.known(f"desk.status.{name}", name)

    def priority(self, name: str) -> str:
        return self.known(f"desk.priority.{name}", name)

    def target(self, name: str) -> str:
        return self.known(f"desk.target.{name}", name)

    def reason(self, name: str) -> str:
        """The rule that opened a ticket, or handed it over."""
        return self.known(f"desk.reason.{name}", name)

    def actor(self, name: str) -> str:
        kind, _, agent = name.partition(":")
        return escape(agent) if agent else self.known(f"desk.actor.{kind}", kind)

    def known(self, key: str, otherwise: str, **values: str) -> str:
        """Names are written by code that may be newer than the catalogue."""
        try:
            return self.texts(key, **values)
        except UnknownText:
            return escape(otherwise)


def mention(agent: Agent) -> str:
    """So that Slack tells them; by name where they are not known to Slack yet."""
    return f"<@{agent.user_id}>" if agent.user_id else escape(agent.name)


def short(ticket: Ticket, wording: Wording) -> str:
    return f"#{ticket.number} {escape(wording.topic(ticket.category))} ({wording.status(ticket.status)})"
