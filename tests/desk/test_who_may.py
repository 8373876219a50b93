"""Nobody but an agent changes anything at the desk, or reads there; and whoever tries is told so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.channels.slack.people import Colleague
from bot.desk.actions import ACTIONS
from bot.desk.events import DeskEvent, DeskKind
from bot.desk.forms import FORMS
from handlers.agents import Stranger, on_the_list, remove
from storage.agents import Role
from tests.desk.quiet_desk import CHANNEL, TEAM, QuietDesk

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

OURS = Colleague(TEAM, "Zofia", "zofia@acme.example", is_ours=True, limit=None)
STRANGERS = {
    "not on the list": (OURS, Stranger.UNKNOWN),
    "guest": (replace(OURS, limit="is_restricted"), Stranger.GUEST),
    "guest in one channel": (replace(OURS, limit="is_ultra_restricted"), Stranger.GUEST),
    "external": (replace(OURS, team_id="T-OTHER", is_ours=False), Stranger.EXTERNAL),
    "external with an agent's address": (
        replace(OURS, team_id="T-OTHER", is_ours=False, email="ola@acme.example"), Stranger.EXTERNAL,
    ),
    "somebody else with an agent's address": (replace(OURS, email="ola@acme.example"), Stranger.UNKNOWN),
    "stranger": (replace(OURS, limit="is_stranger"), Stranger.EXTERNAL),
    "bot": (replace(OURS, limit="is_bot"), Stranger.BOT),
    "switched off": (replace(OURS, limit="deleted"), Stranger.LEFT),
}  # fmt: skip


def attempts(quiet: QuietDesk, who: str, number: int, other: int) -> list[DeskEvent]:
    """Everything there is to press, choose, send, react with and write, also with forged values."""
    values = {
        "words": "Słowa obcego", "cause": "solved", "to": "1", "on": "customer", "until": "1795500000",
        "priority": "high", "category": "complaint", "tier": "premium", "into": str(other), "other": str(other),
        "key": "template:delay",
    }  # fmt: skip
    tried = []
    for action in ACTIONS.keys() - {"duty", "home"}:
        tried.append(quiet.event(who, DeskKind.PRESSED, number, action=action, argument=str(other), ticket=number))
        tried.append(quiet.event(who, DeskKind.SUBMITTED, number, action=action, ticket=number, values=values))
    tried += [quiet.event(who, DeskKind.REACTED, number, argument=emoji) for emoji in quiet.content.desk.emoji]
    post = quiet.post(who, number, "Dzień dobry, oddamy pieniądze")
    tried += [
        quiet.event(who, DeskKind.PRESSED, number, action="take_over"),
        post,
        quiet.post(who, number, "// dopisek"),
        quiet.edit(post, "inaczej"),
        quiet.delete(post),
    ]
    return tried


async def test_a_stranger_changes_nothing_and_is_told_so_each_time(quiet: QuietDesk) -> None:
    await quiet.presses("ola", await quiet.case("marek"), "take_over")  # who binds the agent's account to its address
    number = await quiet.case("anna")
    other = number - 1
    quiet.slack.people.known["obcy"], why = STRANGERS["external"]
    own_words = quiet.post("ola", other, "Słowa Oli")
    await quiet.does(own_words)
    before = await quiet.everything()
    tried = [
        *attempts(quiet, "obcy", number, other),
        replace(quiet.edit(own_words, "podmienione"), user="obcy"),
        replace(quiet.delete(own_words), user="obcy"),
        quiet.event("obcy", DeskKind.PRESSED, other, action="undo", argument=f"{CHANNEL}:{own_words.ts}"),
    ]
    await quiet.does(*tried)
    assert await quiet.everything() == before
    assert quiet.told("obcy") == [quiet.texts()(f"desk.refused.{why}")] * len(tried)


async def test_whoever_is_no_full_member_on_the_list_is_a_stranger(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.presses("ola", number, "follow")
    before = await quiet.everything()
    for kind, (account, why) in STRANGERS.items():
        quiet.slack.people.known[kind] = account
        await quiet.presses(kind, number, "take_over")
        assert quiet.told(kind) == [quiet.texts()(f"desk.refused.{why}")], kind
    assert await quiet.everything() == before


async def test_somebody_who_left_is_refused_and_what_they_said_stays(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    words = quiet.post("ola", number, "Słowa Oli")
    await quiet.does(words)
    async with quiet.database.transaction() as session:
        await remove(session, await on_the_list(session, "ola@acme.example"), quiet.content, quiet.now)
    before = await quiet.everything()
    quiet.told("ola")
    await quiet.does(quiet.edit(words, "Ostatnie słowo"), quiet.delete(words), quiet.post("ola", number, "jeszcze"))
    await quiet.presses("ola", number, "take_over")
    assert await quiet.everything() == before
    assert quiet.told("ola") == [quiet.texts()("desk.refused.left")] * 4


@pytest.mark.parametrize("kind", ["not on the list", "external"])
async def test_a_stranger_reads_nothing(quiet: QuietDesk, kind: str) -> None:
    """Neither the conversation nor a form with the customer's name in it, nor the templates."""
    number = await quiet.case(words="mój tajny numer to 12345, proszę o człowieka")
    quiet.slack.people.known["obcy"], why = STRANGERS[kind]
    for action in (*FORMS, "talk", "template"):
        form = await quiet.opens("obcy", number, action)
        assert [block["text"]["text"] for block in form["blocks"]] == [quiet.texts()(f"desk.refused.{why}")]
        assert "submit" not in form
    assert "12345" not in str(quiet.slack.views)
    asked = {"type": "block_suggestion", "user": {"id": "obcy"}, "team": {"id": TEAM}, "value": "",
             "view": {"private_metadata": f'{{"ticket": {number}}}'}}  # fmt: skip
    assert await quiet.openings.suggest(asked) == {"options": []}
    assert (await quiet.openings.suggest({**asked, "user": {"id": "ola"}}))["option_groups"]
    sent = quiet.event("obcy", DeskKind.SUBMITTED, number, action="link", ticket=number, values={"other": "4242"})
    assert await quiet.openings.check(sent) == {}  # nor whether there is a ticket of that number
    assert await quiet.openings.check(replace(sent, user="ola")) != {}


async def test_an_agent_reads_the_whole_conversation(quiet: QuietDesk) -> None:
    number = await quiet.case(words="mój numer to 12345, proszę o człowieka")
    await quiet.sends("ola", number, "note", words="stały klient")
    form = await quiet.opens("piotr", number, "talk")
    assert "12345" in str(form["blocks"])
    assert "stały klient" in str(form["blocks"])
    assert "submit" not in form


async def test_one_agent_does_not_change_what_another_wrote(quiet: QuietDesk) -> None:
    """Not even a lead: whose words they are, the database knows, whatever is sent to us."""
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    words, note = quiet.post("ola", number, "Słowa Oli"), quiet.post("ola", number, "// notatka Oli")
    await quiet.does(words, note)
    before = await quiet.everything()
    for post in (words, note):
        await quiet.does(
            replace(quiet.edit(post, "podmienione"), user="piotr"),
            replace(quiet.delete(post), user="piotr", external_id=f"{post.ts}:forged"),
            quiet.event("piotr", DeskKind.PRESSED, number, action="undo", argument=f"{CHANNEL}:{post.ts}"),
        )
    assert await quiet.everything() == before


async def test_who_cannot_be_told_in_the_channel_is_told_directly(quiet: QuietDesk) -> None:
    """A shortcut can be used in channels that the bot is not in."""
    quiet.slack.absent.add("C-ELSEWHERE")
    await quiet.does(quiet.event("obcy", DeskKind.PRESSED, 1, action="take_over", channel="C-ELSEWHERE"))
    assert [user for user, _ in quiet.slack.direct] == ["obcy"]
    assert quiet.slack.whispers == []


async def test_a_shortcut_where_there_is_no_ticket_says_so(quiet: QuietDesk) -> None:
    await quiet.case()
    await quiet.does(quiet.event("ola", DeskKind.PRESSED, 77, action="take_over", channel="C-SHOP"))
    assert quiet.told("ola") == [quiet.texts()("desk.refused.no_case")]
    form = quiet.event("ola", DeskKind.PRESSED, 77, action="reply", channel="C-SHOP")
    await quiet.openings.open(form, "trigger", {})
    assert quiet.texts()("desk.refused.no_case") in str(quiet.slack.views[-1])


async def test_talk_about_other_things_in_the_channel_is_nobodys_business(quiet: QuietDesk) -> None:
    number = await quiet.case()
    before = await quiet.everything()
    chat = {"thread": "999.000001", "ts": "999.000002"}
    await quiet.does(
        quiet.event("obcy", DeskKind.SAID, number, text="kto na obiad?", **chat),
        quiet.event("obcy", DeskKind.REACTED, number, argument="eyes", thread="999.000002", ts="999.000002"),
        quiet.event("obcy", DeskKind.REACTED, number, argument="tada"),
    )
    assert await quiet.everything() == before
    assert quiet.told("obcy") == []


async def test_an_admin_decides_like_a_lead(quiet: QuietDesk) -> None:
    await quiet.staff(maria=Role.ADMIN)
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    await quiet.presses("maria", number, "release")
    assert [one.actor for one in await quiet.events(number, "released")] == ["agent:Maria"]
