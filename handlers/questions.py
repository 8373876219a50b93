"""Collecting what a ticket needs: at most so many questions, each skippable, then a summary to confirm (R1 R4 R10)."""

from __future__ import annotations

from dataclasses import replace

from handlers import filing, handoff, incident_overlay, phrases, status
from handlers.answers import answer, is_expired
from handlers.awaiting import Action, AwaitingConfirm, AwaitingField, Draft, button
from handlers.bands import Band, band_of
from handlers.buttons import Button
from handlers.content import Form, FormField
from handlers.messages import Reply, Turn
from handlers.plain_text import readable, shorten, word_count
from storage.inbound import Outcome

FACT_CHARACTERS = 2_000


def start(turn: Turn, form: str) -> Draft:
    """A draft of a ticket from what was said already: nothing that is known is asked."""
    draft = Draft(form=form, subject=turn.words)
    draft = _with_found(turn, draft)
    for name in _form(turn, form).fields:
        least = turn.desk.content.fields[name].first_message_words
        if least is not None and word_count(turn.words) >= least:
            draft = draft.with_fact(name, _fact(turn.words))
    return draft


async def go_on(turn: Turn, draft: Draft) -> Reply:
    """The next question; when there is none left to ask, the look-up, the summary or the ticket itself."""
    form = _form(turn, draft.form)
    open_fields = [name for name in form.fields if name not in draft.facts and name not in draft.skipped]
    if open_fields and draft.asked < turn.desk.content.forms.question_budget:
        return _ask(turn, draft.model_copy(update={"asked": draft.asked + 1}), open_fields[0])
    for name in open_fields:
        draft = draft.with_skipped(name)
    told = filing.look_up(turn, draft)
    if told is not None:
        turn.await_(None)
        return told
    if not form.confirm:
        return await filing.file(turn, draft)
    return confirm(turn, draft)


def _ask(turn: Turn, draft: Draft, name: str, *, again: bool = False) -> Reply:
    turn.await_(AwaitingField(token=turn.token, draft=draft, field=name))
    field = turn.desk.content.fields[name]
    question = field.reask if again and field.reask else field.question
    return Reply(question.of(turn.texts.variants[0]), _question_buttons(turn))


def _question_buttons(turn: Turn) -> tuple[Button, ...]:
    texts, token = turn.texts, turn.token
    return (
        button(texts("button.skip"), "skip", token=token),
        button(texts("button.human"), "human"),
        button(texts("button.drop"), "stop", token=token),
    )


async def read_field(turn: Turn, state: AwaitingField, action: Action | None) -> Reply:
    """The customer's answer to a question: a fact, a skip, a way out, or a question back."""
    draft, words = state.draft, turn.words
    if (action and action.verb == "stop") or phrases.means_stop(words) or _acts_on(turn) == "stop":
        return drop(turn)
    if (called := await _called_for_person(turn)) is not None:
        return called
    if (action and action.verb == "skip") or phrases.means_skip(words):
        return await go_on(turn, draft.with_skipped(state.field))
    field = turn.desk.content.fields[state.field]
    updated = _with_found(turn, draft)
    if state.field in updated.facts:
        return await go_on(turn, updated.with_fact(state.field, _fact(words)) if field.keep_words else updated)
    if _is_question_back(turn, field) and (aside := await _aside(turn)):
        return _answered_aside(turn, aside, _ask(turn, draft, state.field))
    if (other := _other_matter(turn, draft, field)) is not None:
        return await go_on(turn, start(turn, other))
    if phrases.means_no(words) or not words:
        return await go_on(turn, draft.with_skipped(state.field))
    if field.entity and field.reask and state.field not in draft.reasked:
        once_more = {"reasked": (*draft.reasked, state.field), "asked": draft.asked + 1}
        if draft.asked < turn.desk.content.forms.question_budget:
            return _ask(turn, draft.model_copy(update=once_more), state.field, again=True)
    return await go_on(turn, updated.with_fact(state.field, _fact(words)))


def confirm(turn: Turn, draft: Draft) -> Reply:
    """ "I understand that …. Is that right?" """
    texts, token = turn.texts, turn.token
    turn.await_(AwaitingConfirm(token=token, draft=draft))
    text = texts("confirm.summary", summary=filing.summary(turn, draft))
    return Reply(
        text,
        (
            button(texts("button.confirm"), "yes", token=token),
            button(texts("button.edit"), "no", token=token),
            button(texts("button.human"), "human"),
            button(texts("button.drop"), "stop", token=token),
        ),
    )


async def read_confirm(turn: Turn, state: AwaitingConfirm, action: Action | None) -> Reply:
    """Yes files the ticket, no opens the summary for changes, anything else is taken into it."""
    verb = action.verb if action else None
    intent = _acts_on(turn)
    if verb == "stop" or phrases.means_stop(turn.words) or intent == "stop":
        return drop(turn)
    if (called := await _called_for_person(turn)) is not None:
        return called
    amended = _with_found(turn, state.draft, overwrite=True)
    if amended.facts != state.draft.facts:
        return confirm(turn, amended)  # "yes, but the number is …"
    if verb == "yes" or (verb is None and (phrases.means_yes(turn.words) or intent == "affirm")):
        return await filing.file(turn, state.draft)
    if verb == "edit" and action and action.argument in turn.desk.content.fields:
        return _ask(turn, state.draft.without(action.argument), action.argument)
    if verb == "no" or phrases.means_no(turn.words) or intent == "deny":
        return _edit(turn, state.draft)
    if aside := await _aside(turn):
        return _answered_aside(turn, aside, confirm(turn, state.draft))
    return confirm(turn, _with_remark(turn, state.draft))


def _edit(turn: Turn, draft: Draft) -> Reply:
    token = turn.token
    turn.await_(AwaitingConfirm(token=token, draft=draft))
    content = turn.desk.content
    fields = tuple(
        button(content.fields[name].label.in_language(turn.language), "edit", name, token)
        for name in _form(turn, draft.form).fields
    )
    as_is = button(turn.texts("button.confirm_as_is"), "yes", token=token)
    human = button(turn.texts("button.human"), "human")
    return Reply(turn.texts("confirm.edit"), (*fields, as_is, human))


def _with_remark(turn: Turn, draft: Draft) -> Draft:
    """What was typed instead of yes or no."""
    words = readable(turn.words)
    if not words:
        return draft
    before = draft.facts.get(filing.REMARK)
    return draft.with_fact(filing.REMARK, _fact(f"{before} {words}" if before else words))


def drop(turn: Turn) -> Reply:
    turn.await_(None)
    texts = turn.texts
    return Reply(texts("confirm.dropped"), (button(texts("button.human"), "human"),), outcome=Outcome.IGNORED)


def repeat(turn: Turn, state: AwaitingField | AwaitingConfirm) -> Reply:
    """The open question once more, for a message with no words in it."""
    if isinstance(state, AwaitingField):
        return _ask(turn, state.draft, state.field)
    return confirm(turn, state.draft)


def _with_found(turn: Turn, draft: Draft, *, overwrite: bool = False) -> Draft:
    fields = turn.desk.content.fields
    for name in _form(turn, draft.form).fields:
        value = turn.found.get(fields[name].entity or "")
        if value and (overwrite or name not in draft.facts):
            whole = overwrite and fields[name].keep_words
            draft = draft.with_fact(name, _fact(turn.words if whole else value))
    return draft


def _acts_on(turn: Turn) -> str | None:
    """The intent, where it is sure enough to act on."""
    if turn.parsed is None or band_of(turn.parsed, turn.desk.thresholds) is not Band.ACT:
        return None
    return turn.parsed.best.name if turn.parsed.best else None


async def _called_for_person(turn: Turn) -> Reply | None:
    """A person, asked for in words that only the model knows, or needed because what they ask about has no valid answer
    any more; the draft goes along (R11 R65)."""
    match _acts_on(turn):
        case "human_handoff":
            return await handoff.to_queue(turn, "asked")
        case "escalate":
            return await handoff.to_queue(turn, "escalated", text="handoff.escalated")
        case str(asked) if turn.words.rstrip().endswith("?") and is_expired(turn.desk.content, asked, turn.now):
            return await handoff.to_queue(turn, "answer_expired", text="handoff.answer_expired")
        case _:
            return None


async def _aside(turn: Turn) -> Reply | None:
    """The reply to a question asked in between; None where it is not one that can be answered at once."""
    intent = _acts_on(turn)
    if intent == "ticket_status":
        return await status.tell(turn)
    if intent is None or intent not in turn.desk.content.answers:
        return None
    return await incident_overlay.over(turn, intent, answer(turn, intent))


def _is_question_back(turn: Turn, field: FormField) -> bool:
    """Where any words would do for an answer, only a question mark tells a question from one."""
    return field.reask is not None or turn.words.rstrip().endswith("?")


def _answered_aside(turn: Turn, aside: Reply, question: Reply) -> Reply:
    text = turn.texts("question.back_to", answer=aside.text, question=question.text)
    return replace(question, text=text, answer=aside.answer, answer_version=aside.answer_version,
                   about_incident=aside.about_incident)  # fmt: skip


def _other_matter(turn: Turn, draft: Draft, field: FormField) -> str | None:
    """Another ticket intent, said instead of a number we asked for; in a description it would only be a word of it."""
    intent = _acts_on(turn)
    if field.reask is None or intent is None or intent == draft.form:
        return None
    form = turn.desk.content.forms.forms.get(intent)
    return intent if form is not None and form.confirm else None


def _form(turn: Turn, name: str) -> Form:
    return turn.desk.content.forms.forms[name]


def _fact(text: str) -> str:
    return shorten(text, FACT_CHARACTERS)
