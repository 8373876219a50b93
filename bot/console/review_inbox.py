"""Inbox: real messages to learn from, masked, near-duplicates together; labelled with the keyboard, many at once."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from bot.console.elements import Fields, Words, asking, box, choice, field, first, head, link, sending, submit
from bot.console.guard import Visit, may
from bot.console.moments import moment, percent
from bot.console.pager import draw_pager, number
from handlers import reviews as deeds
from handlers.reviews import ItemChanged
from handlers.texts import LANGUAGES
from storage import reviews, training
from storage.admins import AdminRole
from storage.reviews import Asked, Group, Member, ReviewItem, ReviewStatus, Why

PATH = "/console/inbox"
PAGE = 25
MOST_OF_A_GROUP = 200  # of a larger one the rest stands there again
OTHERS_SHOWN = 3
INTENTS = "intents"  # the list that the browser offers while an intent is typed
KEYS = ("j", "k", "x", "l", "d", "enter")
"""As the page explains them. What they do is in the browser, so that no press waits for the network: the script
remembers which group one was at (`reviewAt`) and goes back there once what was done is shown."""
ON_KEYS = """
window.reviewAt = 0;
const reviews = () => [...document.querySelectorAll('.review input')];
const goTo = at => { const all = reviews(); all[Math.max(0, Math.min(at, all.length - 1))]?.focus(); };
const pick = () => {
    if (!reviews().some(one => one.checked)) reviews()[window.reviewAt]?.click();
    return reviews().find(one => one.checked);
};
document.addEventListener('focusin', event => {
    const at = reviews().indexOf(event.target);
    if (at >= 0) window.reviewAt = at;
});
document.addEventListener('submit', () => {
    window.reviewAt = reviews().slice(0, window.reviewAt).filter(one => !one.checked).length;
}, true);
document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.closest('input:not([type=checkbox]),select,textarea');
    if (isTyping) { if (event.key === 'Escape') goTo(window.reviewAt); return; }
    const isAt = reviews().includes(document.activeElement);
    const steps = {j: 1, ArrowDown: 1, k: -1, ArrowUp: -1}[event.key];
    const intent = document.querySelector('[name=intent]');
    if (steps) goTo(isAt ? window.reviewAt + steps : window.reviewAt);
    else if (event.key === 'x' && isAt) document.activeElement.click();
    else if (event.key === 'l' && intent) {
        const one = pick();
        if (!intent.value) intent.value = one?.dataset.suggested || '';
        intent.focus(); intent.select();
    }
    else if (event.key === 'd' && intent && pick()) document.querySelector('[value=dismiss]').click();
    else return;
    event.preventDefault();
});
"""


async def build(visit: Visit) -> None:
    texts = visit.texts
    head(texts("console.nav.inbox"), texts("console.inbox.intro"))
    ui.add_body_html(f"<script>{ON_KEYS}</script>")
    await ReviewInbox(visit).draw()


class ReviewInbox:
    """`_versions`: of each item as it is seen; what somebody else has dealt with meanwhile is not overwritten."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self._versions: dict[int, int] = {}
        self._groups: dict[str, list[int]] = {}
        self._skip = number(visit.query.get("skip", ""))

    @property
    def _asked(self) -> Asked:
        query = self.visit.query
        why, language = query.get("why", ""), query.get("language", "")
        return Asked(
            status=ReviewStatus.OPEN,
            why=Why(why) if why in set(Why) else None,
            language=language if language in LANGUAGES else None,
            words=query.get("words", "")[:100],
        )

    async def draw(self) -> None:
        visit = self.visit
        async with visit.database.reading() as session:
            counts = await reviews.counts_by_why(session)
            names = [one.name for one in await training.intents(session)]
        self._draw_filter(counts)
        with box("datalist", id=INTENTS):
            for name in names:
                box("option", value=name)
        self._form = sending(self.sent, "form wide")
        await self.refresh()

    def _draw_filter(self, counts: dict[str, int]) -> None:
        texts, query = self.visit.texts, self.visit.query
        with asking(PATH):
            field("words", texts("console.inbox.search"), query.get("words", ""), kind="search")
            kinds = {"": texts("console.inbox.every")}
            kinds |= {why.value: f"{texts(f'console.inbox.why_{why.value}')} ({counts.get(why, 0)})" for why in Why}
            choice("why", texts("console.inbox.why"), kinds, query.get("why", ""))
            languages = {"": texts("console.inbox.any_language")} | {one: one.upper() for one in LANGUAGES}
            choice("language", texts("console.intents.language"), languages, query.get("language", ""))
            submit(texts("console.search"), "button")

    async def refresh(self) -> None:
        async with self.visit.database.reading() as session:
            found = await reviews.groups(session, self._asked, limit=PAGE + 1, skip=self._skip)
            groups = found.shown
            likes = [group.like for group in groups[:PAGE]]
            members = await reviews.members(session, self._asked, likes, MOST_OF_A_GROUP)
        self._versions = {one.id: one.version for group in members.values() for one in group}
        self._groups = {like: [one.id for one in group] for like, group in members.items()}
        self._form.clear()
        with self._form:
            self._draw_tools(found.total)
            for group in groups[:PAGE]:
                self._draw_group(group, members[group.like])
            if not groups:
                Words("p", self.visit.texts("console.inbox.nothing"), "empty")
            query = self.visit.query
            kept = {name: query[name] for name in ("words", "why", "language") if query.get(name)}
            draw_pager(self.visit.texts, PATH, kept, self._skip, PAGE, has_more=len(groups) > PAGE)

    def _draw_tools(self, total: int) -> None:
        texts = self.visit.texts
        Words("p", texts.plural("console.inbox.waiting", total), "hint", role="status")
        if not total or not self.visit.who.may(AdminRole.EDITOR):
            return
        with box("div", "tools inbox-tools"):
            field("intent", texts("console.inbox.intent"), list=INTENTS, autocomplete="off")
            Words("button", texts("console.inbox.label"), "button main", type="submit", name="do", value="label")
            Words("button", texts("console.inbox.dismiss"), "button", type="submit", name="do", value="dismiss")
            Words("button", texts("console.inbox.done"), "button", type="submit", name="do", value="done")
            with box("div", "hint keys"):
                for key in KEYS:
                    with box("span", "key"):
                        Words("kbd", "Enter" if key == "enter" else key)
                        Words("span", texts(f"console.inbox.key_{key}"))

    def _draw_group(self, group: Group, items: Sequence[Member]) -> None:
        texts, one = self.visit.texts, group.first
        with box("label", "review"):
            box("input", "", type="checkbox", name="like", value=group.like, data_suggested=one.suggested or "")
            with box("span", "words"):
                with box("span", "main-words"):
                    Words("span", f"„{one.text}”")
                    if group.count > 1:
                        Words("span", texts.plural("console.inbox.alike", group.count), "tag open")
                others = list(dict.fromkeys(item.text for item in items if item.text != one.text))[:OTHERS_SHOWN]
                for other in others:
                    Words("span", f"„{other}”", "hint alike")
                self._draw_facts(one)

    def _draw_facts(self, one: ReviewItem) -> None:
        texts = self.visit.texts
        facts = [(one.language or "").upper(), moment(one.created_at, self.visit)]
        if one.intent:
            facts.append(texts("console.inbox.read_as", intent=one.intent, confidence=percent(one.confidence, texts)))
        if one.suggested:
            by = f" ({one.contributor})" if one.contributor else ""
            facts.append(texts("console.inbox.suggested", intent=one.suggested, by=by))
        if one.answer:
            facts.append(texts("console.inbox.answer", answer=one.answer))
        with box("span", "facts-line"):
            Words("span", texts(f"console.inbox.why_{one.why}"), "tag")
            Words("span", " · ".join(filter(None, facts)), "hint")
            if one.answer or one.why in {Why.PROPOSED_ANSWER, Why.OUTDATED_ANSWER}:
                link(texts("console.inbox.to_answer"), f"/console/answers/{one.answer or one.suggested or one.intent}")

    @may(AdminRole.EDITOR)
    async def sent(self, fields: Fields) -> None:
        """What is to be done with the groups that were ticked."""
        texts = self.visit.texts
        ids = [one for like in fields.get("like", ()) for one in self._groups.get(str(like), ())]
        intent, do = first(fields, "intent"), first(fields, "do") or "label"
        if not ids or (do == "label" and not intent):
            self.visit.tell(texts("console.inbox.none_chosen"), is_bad=True)
            return
        seen = {one: self._versions[one] for one in ids}
        try:
            told = await self._do(do, ids, intent, seen)
        except ItemChanged as changed:
            self.visit.tell(texts("console.inbox.changed", who=str(changed)), is_bad=True)
        else:
            self.visit.tell(told)
        await self.refresh()
        ui.run_javascript("goTo(window.reviewAt)")

    async def _do(self, do: str, ids: list[int], intent: str, seen: dict[int, int]) -> str:
        texts, visit = self.visit.texts, self.visit
        async with visit.changing() as session:
            if do == "dismiss":
                await deeds.dismiss(session, ids, visit.by, visit.now(), seen)
                return texts.plural("console.inbox.dismissed", len(ids))
            if do == "done":
                await deeds.answer_changed(session, ids, visit.by, visit.now(), seen)
                return texts.plural("console.inbox.answered", len(ids))
            taught = await deeds.label(session, ids, intent, visit.by, visit.now(), seen)
            return texts("console.inbox.labelled", count=len(ids), intent=intent, new=taught.new_examples)
