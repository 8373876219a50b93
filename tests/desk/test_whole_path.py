"""A customer at Telegram, agents at Slack, everything between them real."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.desk.desk_rig import DeskRig, open_desk
from tests.fakes import FakeNLU


@pytest.fixture
async def rig(database: Database, nlu: FakeNLU, tmp_path: Path) -> AsyncIterator[DeskRig]:
    async with open_desk(database, nlu, tmp_path) as opened:
        yield opened


async def test_from_a_call_for_a_person_to_a_settled_ticket(rig: DeskRig) -> None:
    number = await rig.asks_for_a_person()
    assert "chcę rozmawiać z człowiekiem" in rig.lines(number)[0]
    await rig.takes(rig.ola, number)
    post = rig.writes(rig.ola, number, "Już sprawdzam!")
    await rig.quiet()
    assert rig.heard()[-1] == "Już sprawdzam!"
    assert rig.marks(post) == {"white_check_mark"}
    rig.customer().types("super, dziękuję")
    await rig.quiet()
    assert "super, dziękuję" in rig.lines(number)[-1]
    await rig.fills(rig.ola, number, "resolve", cause="answered", words="Miłego dnia!")
    assert rig.heard()[-1].startswith("Miłego dnia!")
    assert (await rig.ticket(number)).cause == "answered"
    assert await rig.kinds(number) == [
        "opened", "handed_over", "status", "taken", "agent_replied", "customer_wrote", "status",
    ]  # fmt: skip


async def test_an_edit_of_the_words_that_opened_a_ticket_reaches_its_agents(rig: DeskRig) -> None:
    customer = rig.customer()
    said = customer.types("chcę rozmawiać z człowiekiem")
    await rig.quiet()
    [ticket] = await rig.tickets()
    customer.edits(said, "chcę rozmawiać z człowiekiem o paczce ZAM-10234")
    await rig.quiet()
    assert "ZAM-10234" in "\n".join(rig.lines(ticket.number))
