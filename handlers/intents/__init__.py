"""INTENTS: every intent of the catalogue and the function that acts on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from handlers.answers import is_expired
from handlers.content import Content
from handlers.intents import faq, forms, person, reopen_ticket, resolve_ticket, talk, ticket_status
from handlers.messages import Reply, Turn

Handler = Callable[[Turn], Awaitable[Reply]]

INTENTS: dict[str, Handler] = {
    "greet": talk.greet,
    "goodbye": talk.goodbye,
    "thank_you": talk.thank_you,
    "affirm": talk.affirm,
    "deny": talk.deny,
    "bot_challenge": talk.bot_challenge,
    "help": talk.help_,
    "stop": talk.stop,
    "change_language": talk.change_language,
    "praise": talk.praise,
    "out_of_scope": talk.out_of_scope,
    "human_handoff": person.human_handoff,
    "escalate": person.escalate,
    "ticket_status": ticket_status.ticket_status,
    "reopen_ticket": reopen_ticket.reopen_ticket,
    "resolve_ticket": resolve_ticket.resolve_ticket,
    "report_problem": forms.collect("report_problem"),
    "service_outage": forms.collect("service_outage"),
    "complaint": forms.collect("complaint"),
    "suggestion": forms.collect("suggestion"),
    "warranty_claim": forms.collect("warranty_claim"),
    "delivery_problem": forms.collect("delivery_problem"),
    "cancel_order": forms.collect("cancel_order"),
    "change_order": forms.collect("change_order"),
    "change_shipping_address": forms.collect("change_shipping_address"),
    "get_refund": forms.collect("get_refund"),
    "payment_issue": forms.collect("payment_issue"),
    "get_invoice": forms.collect("get_invoice"),
    "book_appointment": forms.collect("book_appointment"),
    "registration_problem": forms.collect("registration_problem"),
    "export_my_data": forms.collect("export_my_data"),
    "delete_my_data": forms.collect("delete_my_data"),
    "track_order": forms.collect("track_order"),
    "track_refund": forms.collect("track_refund"),
    "place_order": faq.tell("place_order"),
    "product_availability": faq.tell("product_availability"),
    "pricing": faq.tell("pricing"),
    "discount_code": faq.tell("discount_code"),
    "payment_methods": faq.tell("payment_methods"),
    "delivery_options": faq.tell("delivery_options"),
    "delivery_period": faq.tell("delivery_period"),
    "return_policy": faq.tell("return_policy"),
    "warranty_policy": faq.tell("warranty_policy"),
    "cancellation_fee": faq.tell("cancellation_fee"),
    "opening_hours": faq.tell("opening_hours"),
    "contact_details": faq.tell("contact_details"),
    "create_account": faq.tell("create_account"),
    "recover_password": faq.tell("recover_password"),
    "edit_account": faq.tell("edit_account"),
    "newsletter": faq.tell("newsletter"),
    "privacy_policy": faq.tell("privacy_policy"),
}

FAQ = frozenset(name for name, handler in INTENTS.items() if handler.__name__ == "tell_answer")
FORMS = frozenset(name for name, handler in INTENTS.items() if handler.__name__ == "collect_facts")
WHILE_QUEUED = FAQ | {"ticket_status", "resolve_ticket", "change_language"}
"""What the bot still answers by itself while the customer waits for a person."""


def handler_of(intent: str, content: Content) -> Handler:
    """What acts on it; one that an admin has made has only its answer."""
    if intent in INTENTS:
        return INTENTS[intent]
    return faq.tell(intent) if intent in content.answers else faq.unanswered


def may_be_told_queued(intent: str, content: Content, now: datetime) -> bool:
    """Whether the bot answers it by itself while the customer waits for a person."""
    is_told = intent in WHILE_QUEUED or (intent not in INTENTS and intent in content.answers)
    return is_told and not is_expired(content, intent, now)


def may_be_told_in_public(intent: str, content: Content, now: datetime) -> bool:
    """Whether it has an answer that everybody may hear."""
    is_told = intent in FAQ or (intent not in INTENTS and intent in content.answers)
    return is_told and not is_expired(content, intent, now)
