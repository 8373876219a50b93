"""Inbox: real messages to learn from, masked, near-duplicates together; labelled with the keyboard, many at once.

Keys: j and k (or the arrows) go from group to group, x ticks, l goes to the field for the intent, Enter there sends.
"""

from __future__ import annotations

from nicegui import ui

from bot.console.elements import Fields, Words, asking, box, choice, field, first, head, link, sending, submit
from bot.console.guard import Visit, may
from bot.console.moments import moment
from handlers import reviews as deeds
from handlers.reviews import ItemChanged
from storage import reviews, training
from storage.admins import AdminRole
from storage.reviews import Asked, Group, ReviewItem, ReviewStatus, Why

PATH = "/console/inbox"
PAGE = 50
MOST_OF_A_GROUP = 500
INTENTS = "intents"  # the list that the browser offers while an intent is typed
KEYS = """(event) => {
    const field = event.target.closest('input[type=text],input[type=search],select,textarea');
    if (field || event.ctrlKey || event.metaKey || event.altKey) return;
    const groups = [...document.querySelectorAll('.review')];
    const at = groups.findIndex(one => one.contains(document.activeElement));
    const to = {j: at + 1, ArrowDown: at + 1, k: at - 1, ArrowUp: at - 1}[event.key];
    if (to !== undefined) { event.preventDefault(); groups[Math.max(0, Math.min(to, groups.length - 1))]?.focus(); }
    if (event.key === 'x' && at >= 0) { event.preventDefault(); groups[at].querySelector('input').click(); }
    if (event.key === 'l') { event.preventDefault(); document.querySelector('[name=intent]').focus(); }
}"""


async def build(visit: Visit) -> None:
    texts = visit.texts
    head(texts("console.nav.inbox"), texts("console.inbox.intro"))
    await ReviewInbox(visit).draw()


class ReviewInbox:
    """`_versions`: of each item as it is seen; what somebody else has dealt with meanwhile is not overwritten."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self._versions: dict[int, int] = {}
        self._groups: dict[str, list[int]] = {}

    @property
    def _asked(self) -> Asked:
        why, words = self.visit.query.get("why", ""), self.visit.query.get("words", "")
        return Asked(status=ReviewStatus.OPEN, why=Why(why) if why in set(Why) else None, words=words[:100])

    async def draw(self) -> None:
        texts, visit = self.visit.texts, self.visit
        async with visit.database.reading() as session:
            counts = await reviews.counts_by_why(session)
            names = [one.name for one in await training.intents(session)]
        with asking(PATH):
            kinds = {"": texts("console.inbox.every")}
            kinds |= {why.value: f"{texts(f'console.inbox.why_{why.value}')} ({counts.get(why, 0)})" for why in Why}
            choice("why", texts("console.inbox.why"), kinds, visit.query.get("why", ""))
            field("words", texts("console.inbox.search"), visit.query.get("words", ""), kind="search")
            submit(texts("console.search"), "button")
        with box("datalist", id=INTENTS):
            for name in names:
                box("option", value=name)
        self._form = sending(self.sent, "form wide")
        self._form.on("keydown", js_handler=KEYS)
        await self.refresh()

    async def refresh(self) -> None:
        async with self.visit.database.reading() as session:
            groups = await reviews.groups(session, self._asked, limit=PAGE)
            total = await reviews.count(session, self._asked)
            members = {
                group.like: await reviews.items(session, self._asked, like=group.like, limit=MOST_OF_A_GROUP)
                for group in groups
            }
        self._versions = {item.id: item.version for items in members.values() for item in items}
        self._groups = {like: [item.id for item in items] for like, items in members.items()}
        self._form.clear()
        with self._form:
            self._draw_tools(total)
            for group in groups:
                self._draw_group(group, members[group.like])
            if not groups:
                Words("p", self.visit.texts("console.inbox.nothing"), "hint")

    def _draw_tools(self, total: int) -> None:
        texts = self.visit.texts
        Words("p", texts.plural("console.inbox.waiting", total), "hint", role="status")
        if not self.visit.who.may(AdminRole.EDITOR):
            return
        with box("div", "tools"):
            field("intent", texts("console.inbox.intent"), hint=texts("console.inbox.keys"), list=INTENTS)
            Words("button", texts("console.inbox.label"), "button main", type="submit", name="do", value="label")
            Words("button", texts("console.inbox.dismiss"), "button", type="submit", name="do", value="dismiss")
            Words("button", texts("console.inbox.done"), "button", type="submit", name="do", value="done")

    def _draw_group(self, group: Group, items: list[ReviewItem]) -> None:
        texts, one = self.visit.texts, group.first
        with box("label", "review", tabindex="0"):
            box("input", "", type="checkbox", name="like", value=group.like)
            with box("span", "words"):
                Words("span", f"„{one.text}”")
                if group.count > 1:
                    Words("span", texts.plural("console.inbox.alike", group.count), "tag")
                self._draw_facts(one)
                others = list(dict.fromkeys(item.text for item in items if item.text != one.text))[:3]
                for other in others:
                    Words("span", f"„{other}”", "hint")

    def _draw_facts(self, one: ReviewItem) -> None:
        texts = self.visit.texts
        facts = [
            texts(f"console.inbox.why_{one.why}"),
            (one.language or "").upper(),
            moment(one.created_at, self.visit),
        ]
        if one.intent:
            facts.append(texts("console.inbox.read_as", intent=one.intent, confidence=f"{one.confidence or 0:.0%}"))
        if one.suggested:
            facts.append(texts("console.inbox.suggested", intent=one.suggested, by=one.contributor or "–"))
        if one.answer:
            facts.append(texts("console.inbox.answer", answer=one.answer))
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
        ui.run_javascript("document.querySelector('.review')?.focus()")

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
