"""A desk without Slack, with Ola, who is an agent, and Piotr, who leads."""

from __future__ import annotations

import pytest

from handlers.content import Content
from storage.agents import Role
from storage.database import Database
from tests.desk.quiet_desk import QuietDesk
from tests.fakes import FakeNLU


@pytest.fixture
async def quiet(database: Database, content: Content, nlu: FakeNLU) -> QuietDesk:
    desk = QuietDesk(database, content, nlu)
    desk.rules(undo_seconds=8, assignment=content.desk.assignment.model_copy(update={"offer": False}))
    await desk.staff(ola=Role.AGENT, piotr=Role.LEAD)
    return desk
