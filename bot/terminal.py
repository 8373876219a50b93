"""`supportbot chat`: a conversation in the terminal, as a customer has it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.app import App
from bot.channels.local import LocalChannel
from handlers.buttons import Button
from handlers.markup import parse
from handlers.messages import IncomingMessage, Reply

CHANNEL = "local"


class Terminal:
    """Reads lines, sends them in as messages, prints the replies. A number presses a button; an empty line ends it."""

    def __init__(self, app: App, console: Console, customer: str) -> None:
        self._app = app
        self._console = console
        self._customer = customer
        self._buttons: tuple[Button, ...] = ()
        self._answered = asyncio.Event()

    async def run(self) -> None:
        channel = self._app.channels[CHANNEL]
        assert isinstance(channel, LocalChannel)  # noqa: S101 - CHANNELS says so
        unlisten = channel.listen(self._show)
        try:
            while (line := await asyncio.to_thread(self._read)) is not None:
                self._answered.clear()
                await self._app.intake.accept(self._message(line))
                await self._wait_for_answer()
        finally:
            unlisten()

    def _read(self) -> str | None:
        try:
            line = self._console.input("[bold cyan]>[/] ").strip()
        except (EOFError, KeyboardInterrupt):
            return None
        return line or None

    def _message(self, line: str) -> IncomingMessage:
        pressed = self._pressed(line)
        return IncomingMessage(
            channel=CHANNEL,
            chat_id=self._customer,
            sender_id=self._customer,
            sender_name=self._customer,
            external_id=uuid4().hex,
            text=pressed.label if pressed else line,
            sent_at=datetime.now(UTC),
            action=pressed.action if pressed else None,
        )

    def _pressed(self, line: str) -> Button | None:
        if line.isascii() and line.isdigit() and 1 <= int(line) <= len(self._buttons):
            return self._buttons[int(line) - 1]
        return None

    async def _wait_for_answer(self) -> None:
        """An agent's chat stays silent, so the prompt comes back after a while in any case."""
        try:
            await asyncio.wait_for(self._answered.wait(), 8)
        except TimeoutError:
            self._console.print("[dim](no automatic answer: the conversation is with a person)[/]")

    def _show(self, chat_id: str, reply: Reply) -> None:
        if chat_id != self._customer:
            return
        self._buttons = reply.buttons
        self._console.print(Padding(_styled(reply.text), (1, 0, 0, 2)))
        for number, button in enumerate(reply.buttons, start=1):
            self._console.print(f"    [bold]{number}[/]  {button.label}", highlight=False)
        self._console.print()
        self._answered.set()


def _styled(markup: str) -> Text:
    text = Text()
    for number, line in enumerate(parse(markup)):
        text.append(("\n" if number else "") + ("• " if line.item else ""))
        for span in line.spans:
            text.append(span.text, style="bold" if span.bold else "")
            if span.url:
                text.append(f" ({span.url})", style="blue underline")
    return text
