"""What an agent is shown of a customer's tone: the labelled cases, then each rule by itself, then the ticket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from sqlalchemy import select

from bot.nlu_sets import HELD_OUT
from handlers.content import Content
from handlers.tone import Earlier, ToneKind, tone_of
from storage.tickets import Priority, TicketEvent
from tests.bot_under_test import BotUnderTest

HERE = Path(__file__).parent
CALM = (
    "book_appointment", "change_shipping_address", "create_account", "delivery_options", "discount_code",
    "edit_account", "get_invoice", "greet", "newsletter", "opening_hours", "payment_methods", "place_order", "pricing",
    "privacy_policy", "product_availability", "recover_password", "return_policy", "thank_you", "track_order",
    "warranty_policy",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    text: str
    language: str
    kind: ToneKind | None
    is_unseen: bool


def cases() -> list[Case]:
    read = YAML(typ="safe").load((HERE / "tone_cases.yml").read_text(encoding="utf-8"))
    return [
        Case(one["text"], one["language"], ToneKind(one["kind"]) if "kind" in one else None, one.get("unseen", False))
        for one in read
    ]


def held_out(*intents: str) -> Iterator[str]:
    """Sentences that others wrote for the language model, none of them for this."""
    for path in sorted(HELD_OUT.glob("*.yml")):
        read = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        for intent in intents:
            yield from map(str, read[intent])


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("is_unseen", [False, True], ids=["seen", "unseen"])
def test_the_labelled_cases_are_read_as_people_read_them(content: Content, language: str, is_unseen: bool) -> None:
    mine = [one for one in cases() if one.language == language and one.is_unseen == is_unseen]
    signs = [one for one in mine if one.kind is not None]
    calm = [one for one in mine if one.kind is None]
    found = [one for one in signs if (tone := tone_of(one.text, (), content.tone)) and tone.kind == one.kind]
    false = [one for one in calm if tone_of(one.text, (), content.tone)]
    print(f"{language}: {len(found)} of {len(signs)} signs, {len(false)} false alarms in {len(calm)}")
    assert len(signs) >= 10
    assert len(calm) >= 8
    assert len(found) / len(signs) >= 0.9, [one.text for one in signs if one not in found]
    assert len(false) / len(calm) <= 0.05, [one.text for one in false]


def test_sentences_written_for_another_purpose_are_read_nearly_as_well(content: Content) -> None:
    angry, calm = list(held_out("escalate")), list(held_out(*CALM))
    found = [text for text in angry if tone_of(text, (), content.tone)]
    false = [text for text in calm if tone_of(text, (), content.tone)]
    print(f"held out: {len(found)} of {len(angry)} signs, {len(false)} false alarms in {len(calm)}")
    assert len(calm) > 1_000
    assert len(found) / len(angry) >= 0.6
    assert len(false) / len(calm) <= 0.005, false


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("To SKANDAL, trzeci raz to samo", ToneKind.FRUSTRATION, ("SKANDAL", "trzeci raz to samo")),
        ("wsciekly jestem", ToneKind.FRUSTRATION, ("wsciekly",)),
        ("wściekła klientka", ToneKind.FRUSTRATION, ("wściekła",)),
        ("telefon nie działa jestem wściekły", ToneKind.FRUSTRATION, ("wściekły",)),
        ("Nie, to skandal", ToneKind.FRUSTRATION, ("skandal",)),
        ("nie jestem wcale wściekły", None, ()),
        ("I am not at all angry", None, ()),
        ("No, this is outrageous", ToneKind.FRUSTRATION, ("outrageous",)),
        ("Szukam „Wściekłego psa” na DVD", None, ()),
        ("Czy jest film Wściekłe Psy?", None, ()),
        ("Pilne! To skandal", ToneKind.FRUSTRATION, ("skandal",)),
        ("pilne", ToneKind.URGENCY, ("pilne",)),
        ("NIP i VAT na PDF", None, ()),
        ("Kod SM-A515F, model RTX4090", None, ()),
        ("gdzie MOJA PACZKA", ToneKind.CAPS, ("MOJA", "PACZKA")),
        ("Gdzie jest MOJA paczka", None, ()),
        ("", None, ()),
        ("😀 ﷺ _ ½", None, ()),
    ],
)
def test_a_sign_comes_with_the_very_words(
    content: Content, text: str, kind: ToneKind | None, words: tuple[str, ...]
) -> None:
    tone = tone_of(text, (), content.tone)
    assert (tone.kind if tone else None, tone.words if tone else ()) == (kind, words)


@pytest.mark.parametrize(
    ("text", "earlier", "is_repeat"),
    [
        ("Gdzie jest moja paczka?", [Earlier("gdzie jest moja paczka")], True),
        ("Gdzie jest moja paczka?", [Earlier("Gdzie jest mój zwrot?")], False),
        ("tak", [Earlier("tak")], False),
        ("zgadza się", [Earlier("zgadza się")], False),
        ("Dzień dobry!", [Earlier("dzień dobry")], False),
        ("i co z tym będzie", [Earlier("mam problem z pralką", True), Earlier("proszę odpisać", True)], True),
        ("i co z tym będzie", [Earlier("mam problem z pralką"), Earlier("proszę odpisać")], False),
        ("dziękuję bardzo", [Earlier("mam problem z pralką", True), Earlier("to numer 123", True)], False),
    ],
)
def test_asking_again_is_a_sign(content: Content, text: str, earlier: list[Earlier], is_repeat: bool) -> None:
    tone = tone_of(text, earlier, content.tone)
    assert (tone is not None and tone.kind is ToneKind.REPEAT) is is_repeat


# On the ticket


on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def signs(bot: BotUnderTest) -> list[dict[str, object]]:
    async with bot.database.reading() as session:
        look = select(TicketEvent).where(TicketEvent.kind == "tone").order_by(TicketEvent.id)
        events = (await session.scalars(look)).all()
    assert {event.actor for event in events} <= {"bot"}
    return [event.data for event in events]


@on_sqlite
async def test_an_angry_call_for_a_person_goes_before_others(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("To skandal, połącz mnie z człowiekiem")
    [ticket] = await bot.tickets()
    assert ticket.tone == {"kind": "frustration", "words": ["skandal"]}
    assert ticket.priority == Priority.HIGH
    assert await signs(bot) == [{"tone": "frustration", "words": ["skandal"]}]


@on_sqlite
async def test_a_calm_call_for_a_person_has_no_sign_and_no_priority(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("chcę rozmawiać z człowiekiem")
    [ticket] = await bot.tickets()
    assert (ticket.tone, ticket.priority) == (None, Priority.NORMAL)


@on_sqlite
async def test_who_writes_to_an_open_ticket_is_heard_and_a_weaker_sign_takes_nothing_back(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("chcę rozmawiać z człowiekiem")
    [ticket] = await bot.tickets()
    await bot.agent("Ola", "take_over", ticket.number)
    await bot.say("GDZIE JEST MOJA PACZKA")
    [ticket] = await bot.tickets()
    assert ticket.tone is not None
    assert (ticket.tone["kind"], ticket.priority) == ("caps", Priority.NORMAL)
    await bot.say("mam dość, to jest kpina")
    await bot.say("to pilne")
    [ticket] = await bot.tickets()
    assert ticket.tone == {"kind": "frustration", "words": ["mam dość", "kpina"]}
    assert ticket.priority == Priority.HIGH
    assert [sign["tone"] for sign in await signs(bot)] == ["caps", "frustration"]


@on_sqlite
async def test_three_messages_without_an_answer_are_asking_again_and_an_answer_ends_the_count(
    bot: BotUnderTest,
) -> None:
    await bot.meet()
    await bot.ask("chcę rozmawiać z człowiekiem")
    [ticket] = await bot.tickets()
    await bot.agent("Ola", "take_over", ticket.number)
    for text in ("paczka nie dotarła", "to było zamówienie dla mamy"):
        await bot.say(text)
    await bot.agent("Ola", "reply", ticket.number, "Sprawdzam")
    await bot.say("jest tam ktoś?")
    assert (await bot.tickets())[0].tone is None
    for text in ("czekam na odpowiedź", "co z moją paczką"):
        await bot.say(text)
    [ticket] = await bot.tickets()
    assert ticket.tone == {"kind": "repeat", "words": ["co z moją paczką"]}
    assert ticket.priority == Priority.HIGH
