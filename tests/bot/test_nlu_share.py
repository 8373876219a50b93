"""A second server for a share of the chats."""

from __future__ import annotations

from pathlib import Path

import httpx

from bot.nlu_share import NLUShare
from bot.rasa import RasaNLU


async def test_a_candidate_that_cannot_be_served_leaves_every_chat_with_the_live_model(tmp_path: Path) -> None:
    async with httpx.AsyncClient() as client:
        live = RasaNLU("http://127.0.0.1:9", "", client)
        share = NLUShare(live, client)
        await share.follow(tmp_path / "there-is-none.tar.gz", 1.0)
        assert share.of("local:anna") is live
        await share.close()
