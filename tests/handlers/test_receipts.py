"""Pictures, files, voice, contacts: each is acknowledged in words, and kept."""

from __future__ import annotations

import pytest

from handlers.attachments import Attachment, AttachmentKind
from tests.bot_under_test import BotUnderTest

PHOTO = Attachment(AttachmentKind.PHOTO, "telegram:AgAC1", size=1200)


@pytest.mark.parametrize(
    ("sent", "acknowledged"),
    [
        ((PHOTO,), "Mam Twoje zdjęcie."),
        ((PHOTO,) * 3, "Mam Twoje 3 zdjęcia."),
        ((PHOTO,) * 5, "Mam Twoje 5 zdjęć."),
        ((PHOTO, Attachment(AttachmentKind.DOCUMENT, "telegram:B")), "Mam Twoje 2 pliki."),
        ((Attachment(AttachmentKind.DOCUMENT, "telegram:B"),), "Mam Twój plik."),
        ((Attachment(AttachmentKind.VOICE, "telegram:C"),), "głosową"),
        ((Attachment(AttachmentKind.CONTACT, details={"phone": "+48 600 700 800"}),), "kontakt"),
        ((Attachment(AttachmentKind.LOCATION, details={"latitude": "52.2"}),), "lokalizację"),
        ((Attachment(AttachmentKind.OTHER),), "dotarła"),
    ],
)
async def test_what_is_no_words_is_acknowledged_and_asked_about(
    bot: BotUnderTest, sent: tuple[Attachment, ...], acknowledged: str
) -> None:
    await bot.meet()
    reply = await bot.ask("", attachments=sent)
    assert acknowledged in reply.text
    assert "o co chodzi" in reply.text
    assert "600" not in reply.text, "what a contact tells is not repeated"
    kept = (await bot.messages())[-2].attachments
    assert [one["reference"] for one in kept or []] == [one.reference for one in sent]


async def test_a_picture_with_words_is_acknowledged_with_the_answer(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("ile mam dni na zwrot", "return_policy")
    reply = await bot.ask("ile mam dni na zwrot", attachments=(PHOTO,))
    assert reply.text.startswith("Mam Twoje zdjęcie.\n\n")
    assert "14 dni" in reply.text


async def test_a_picture_instead_of_a_forms_answer_is_kept_and_the_question_asked_again(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("paczka nie doszła", "delivery_problem")
    asked = await bot.ask("paczka nie doszła")
    again = await bot.ask("", attachments=(PHOTO,))
    assert again.text.startswith("Mam Twoje zdjęcie.")
    assert asked.text.splitlines()[-1] in again.text


async def test_a_document_that_belongs_to_an_answer_is_one_tap_away(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("ile mam dni na zwrot", "return_policy")
    answer = await bot.ask("ile mam dni na zwrot")
    said = await bot.press(answer, "Formularz")
    assert "odeślij" in said.text
    assert said.files == ("content:formularz-odstapienia.pdf",)
    assert "nic nie zmieniam" in (await bot.ask("x", action="file:no_such_answer")).text
