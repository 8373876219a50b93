"""The console's pages: one line per page. Those with a `title` are in the menu, in this order."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bot.console import (
    answers,
    intents,
    outbox,
    people,
    quality,
    releases,
    review_inbox,
    settings_page,
    tickets,
    try_it,
)
from bot.console.guard import Visit
from storage.admins import AdminRole


@dataclass(frozen=True)
class Page:
    """`title`: the key of its name; `in_menu`: under which address of the menu it stands (its own, where None).
    `role`: the least that one needs to look at it. `build` draws it; `visit.query` has what stands in the address,
    path parameters too."""

    path: str
    title: str
    role: AdminRole
    build: Callable[[Visit], Coroutine[Any, Any, None]]
    in_menu: str | None = None


PAGES: tuple[Page, ...] = (
    Page("/console/inbox", "console.nav.inbox", AdminRole.VIEWER, review_inbox.build),
    Page("/console/intents", "console.nav.intents", AdminRole.VIEWER, intents.build),
    Page("/console/intents/{intent}", "console.nav.intents", AdminRole.VIEWER, intents.build_one, "/console/intents"),
    Page("/console/answers", "console.nav.answers", AdminRole.VIEWER, answers.build),
    Page("/console/answers/{answer}", "console.nav.answers", AdminRole.VIEWER, answers.build_one, "/console/answers"),
    Page("/console/try", "console.nav.try", AdminRole.VIEWER, try_it.build),
    Page("/console/releases", "console.nav.releases", AdminRole.ADMIN, releases.build),
    Page(
        "/console/releases/{release}", "console.nav.releases", AdminRole.ADMIN, releases.build_one, "/console/releases"
    ),
    Page("/console/quality", "console.nav.quality", AdminRole.VIEWER, quality.build),
    Page("/console/tickets", "console.nav.tickets", AdminRole.VIEWER, tickets.build),
    Page("/console/tickets/{number}", "console.nav.tickets", AdminRole.VIEWER, tickets.build_one, "/console/tickets"),
    Page("/console/outbox", "console.nav.outbox", AdminRole.VIEWER, outbox.build),
    Page("/console/people", "console.nav.people", AdminRole.VIEWER, people.build),
    Page("/console/people/{agent}", "console.nav.people", AdminRole.ADMIN, people.build_one, "/console/people"),
    Page("/console/settings", "console.nav.settings", AdminRole.ADMIN, settings_page.build),
)
