"""Words that mean the same in every state, read without the model: a human, skip, yes, no.

They keep the way to a person open when language understanding is down or mistaken (R11).
"""

from __future__ import annotations

import re

from handlers.plain_text import fold, readable

_HUMAN = re.compile(
    r"\b(konsultant\w*|czlowiek\w*|agent|agenta|agentem|human|operator|real person|live person|live agent"
    r"|(rozmaw\w+|pogad\w+|porozmaw\w+|polacz\w*|kontakt\w*|daj\w*) .{0,24}"
    r"\b(kims|ktos|osoba|pracownik\w*|obslug\w*|zywym?)"
    r"|(talk|speak|chat|connect me) (to|with) (a |an |some|the )?"
    r"(human|person|someone|somebody|agent|representative|staff))\b"
)
_ABOUT_HUMANS = re.compile(
    r"\b((nie chce|nie potrzebuje|bez) ((z|do|rozmawiac|gadac|pisac|rozmowy|zadnego|zadnych) )*"
    r"(konsultant\w*|czlowiek\w*|agent\w*)"
    r"|(not?|don t (want|need)) (a|an|any|to talk to|to speak to) (\w+ ){0,2}(human|agent|person|operator)"
    r"|jestes|czy to|are you|is this|am i|czy rozmawiam|czy pisze"
    r"|skarga|skarge|complain\w*|niemil\w*|rude|zadowol\w*|swietn\w*|great|byl|byla"
    r"|(agent|human|person|operator) was)\b"
)
_SKIP = {
    "pomin", "pomijam", "pomijamy", "dalej", "nie wiem", "nie mam", "nie pamietam", "skip", "skip it", "next", "pass",
    "i don t know", "i dont know", "dont know", "no idea", "don t have it", "dont have it", "i don t have it", "brak",
}  # fmt: skip
_YES = {
    "tak", "zgadza sie", "tak zgadza sie", "ok", "okej", "dobrze", "jasne", "pewnie", "potwierdzam", "wyslij", "zapisz",
    "yes", "yep", "yeah", "correct", "that s right", "right", "sure", "confirm", "send it", "y", "t",
}  # fmt: skip
_NO = {"nie", "nie zgadza sie", "zle", "popraw", "zmien", "no", "nope", "wrong", "not right", "change it", "edit", "n"}
_STOP = {
    "stop", "anuluj", "niewazne", "nie wazne", "zostaw", "zostaw to", "rezygnuje", "przerwij", "jednak nie",
    "cancel", "never mind", "nevermind", "forget it", "cancel that", "abort",
}  # fmt: skip
_NO_NOTICES = re.compile(
    r"(?:prosze )?(?:nie chce|nie chcialbym|nie chcialabym|nie zycze sobie|nie wysylaj\w*|nie przysylaj\w*|nie wysylac"
    r"|nie przysylac)(?: mi| juz| dostawac| otrzymywac| wiecej)* (?:takich|tych) (?:wiadomosci|powiadomien|informacji)"
    r"(?: prosze| dziekuje)?"
    r"|(?:please )?(?:i )?(?:do not|don t|dont) (?:want|send me)(?: to get| to receive| any more)* "
    r"(?:these|such|this kind of|any more of these) (?:messages|notifications)(?: please| any more| anymore)?"
    r"|no more (?:of these|such) (?:messages|notifications)(?: please)?"
)
_ACCOUNTS = (
    r"(?: (?:ze? soba|do siebie|moje|moj|moim|swoje|swoj|oba|dwa|dwoch|kont|konta|konto|kontem|profile|profil"
    r"|z|ze|na|w|i|do"
    r"|my|mine|the|these|this|both|two|accounts?|profiles?|with|and|to|on|in|from|telegram\w*|slack\w*))*"
)
_POLITELY = (
    r"(?:(?:hej|czesc|prosze|poprosze o|chce|chcialbym|chcialabym|czy|moge|mozna|da sie|jak"
    r"|hi|hello|please|i|want|would|d|like|to|can|how|do|could|you) )*"
)
_WHAT = r"(?=.*\b(?:kont\w*|profil\w*|accounts?|profiles?|telegram\w*|slack\w*)\b)"
_LINK = re.compile(
    rf"{_POLITELY}{_WHAT}(?:polacz|polaczyc|polaczenie|powiaz|powiazac|scal|scalic|link|connect|merge){_ACCOUNTS}"
    r"(?: please| prosze)?"
)
_UNLINK = re.compile(
    rf"{_POLITELY}{_WHAT}(?:rozlacz|rozlaczyc|rozlaczenie|odlacz|odlaczyc|rozdziel|rozdzielic"
    rf"|unlink|disconnect|separate){_ACCOUNTS}(?: please| prosze)?"
)


def asks_for_human(text: str) -> bool:
    """A short, plain call for a person ("konsultant", "człowiek", "agent", "human"); talk about one is not a call."""
    words = fold(text)
    if not words or len(words.split()) > 12:
        return False
    return bool(_HUMAN.search(words)) and not _ABOUT_HUMANS.search(words)


def asks_to_link(text: str) -> bool:
    """Whether the whole text is the wish to join one's accounts ("połącz konta", "link my accounts", "/link")."""
    return readable(text).lower() == "/link" or bool(_LINK.fullmatch(fold(text)))


def asks_to_unlink(text: str) -> bool:
    return readable(text).lower() == "/unlink" or bool(_UNLINK.fullmatch(fold(text)))


def refuses_notices(text: str) -> bool:
    """Whether the whole text says that they do not want such messages."""
    return bool(_NO_NOTICES.fullmatch(fold(text)))


def means_skip(text: str) -> bool:
    return fold(text) in _SKIP


def means_yes(text: str) -> bool:
    return fold(text) in _YES or _sign(text) in {"👍", "✅", "👌"}


def means_no(text: str) -> bool:
    return fold(text) in _NO or _sign(text) in {"👎", "❌"}


def means_stop(text: str) -> bool:
    return fold(text) in _STOP


def _sign(text: str) -> str:
    """An emoji without its skin tone and variation selector."""
    return re.sub("[\U0001f3fb-\U0001f3ff\ufe0f]", "", text).strip()
