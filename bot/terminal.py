"""`supportbot chat`: a conversation in the terminal, as a customer has it."""

from __future__ import annotations

import asyncio
import threading
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
        self._ready = threading.Event()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()

    async def run(self) -> None:
        channel = self._app.channels[CHANNEL]
        assert isinstance(channel, LocalChannel)  # noqa: S101 - CHANNELS says so
        unlisten = channel.listen(self._show)
        loop = asyncio.get_running_loop()
        # A daemon: a thread that waits for a line cannot be stopped, and must not hold up the end of the process.
        threading.Thread(target=self._read_lines, args=(loop,), daemon=True).start()
        try:
            while (line := await self._lines.get()) is not None:
                self._answered.clear()
                await self._app.intake.accept(self._message(line))
                await self._wait_for_answer()
                self._ready.set()
        finally:
            unlisten()

    def stop(self) -> None:
        self._lines.put_nowait(None)
        self._answered.set()

    def _read_lines(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hands each line over, and asks for the next once the answer is there."""
        line: str | None = ""
        while line is not None:
            self._ready.clear()
            line = self._read()
            loop.call_soon_threadsafe(self._lines.put_nowait, line)
            self._ready.wait()

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
