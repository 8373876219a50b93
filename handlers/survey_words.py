"""What a customer reads of a survey: the question with its buttons, and what stands there afterwards."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import duplicates
from handlers.awaiting import button
from handlers.buttons import Button
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.surveys import SURVEYS
from handlers.texts import Texts
from storage.conversations import Conversation
from storage.customers import Customer
from storage.surveys import Survey
from storage.tickets import Ticket

VERB = "survey"
AGAIN = "again"
NEVER = "never"


async def question(session: AsyncSession, desk: Desk, survey: Survey, *, is_reminder: bool = False) -> Reply:
    """One tap answers it; another one says that they want no surveys."""
    texts, kind = await texts_for(session, desk, survey), SURVEYS[survey.kind]
    number = await _number(session, survey)
    asked = [texts(kind.key, number=number, company=desk.content.company.name)]
    if survey.rerates is not None:
        asked.insert(0, texts("survey.rerating"))
    elif is_reminder:
        asked.insert(0, texts("survey.reminder"))
    scores = [Button(kind.label(score), f"{VERB}:{score}:{survey.token}") for score in kind.scores]
    refuse = button(texts("button.no_surveys"), VERB, NEVER, survey.token)
    return Reply("\n".join(asked), (*scores, refuse))


async def answered(session: AsyncSession, desk: Desk, survey: Survey) -> Reply:
    """In the question's place once there is an answer, which can still be changed."""
    texts = await texts_for(session, desk, survey)
    text = texts("survey.given", score=survey.score or 0, best=SURVEYS[survey.kind].highest)
    return Reply(text, (button(texts("button.change_score"), VERB, AGAIN, survey.token),))


async def closed(session: AsyncSession, desk: Desk, survey: Survey) -> Reply:
    """In the question's place once it is over."""
    if survey.score is None:
        texts = await texts_for(session, desk, survey)
        return Reply(texts("survey.expired"))
    return Reply((await answered(session, desk, survey)).text)


async def texts_for(session: AsyncSession, desk: Desk, survey: Survey) -> Texts:
    """The customer's language."""
    customer = await session.get_one(Customer, survey.customer_id)
    return desk.catalogue[customer.language or desk.default_language]


async def _number(session: AsyncSession, survey: Survey) -> int:
    """Of the ticket it is about, as this customer knows it; of a re-rating, what was put right."""
    about = survey
    if survey.rerates is not None:
        about = await session.get_one(Survey, survey.rerates)
    ticket_id = about.ticket_id or survey.ticket_id
    if ticket_id is None:
        return 0
    ticket = await session.get_one(Ticket, ticket_id)
    chat = await session.get_one(Conversation, survey.conversation_id)
    return await duplicates.own_number(session, ticket, chat)
