from __future__ import annotations

from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.telegram.updates import CALLBACK_LIFE
from bot.sandbox.world import open_world
from tests.sandbox.telegram_scene import until


async def test_a_bot_with_these_settings_reaches_both_worlds() -> None:
    async with open_world() as world:
        given = world.settings
        slack = AsyncWebClient(token=given["slack_bot_token"], base_url=given["slack_api_url"])
        assert (await slack.auth_test())["user_id"] == world.slack.app.bot_user
        assert given["slack_desk_channel"] == world.desk_channel.id
        assert given["telegram_api_url"] == world.telegram.url
        assert given["telegram_bot_token"] == world.telegram.token


async def test_who_is_where_in_slack() -> None:
    async with open_world() as world:
        seen = {person.user.name: [place.name for place in world.places_of(person)] for person in world.slack_people}
        assert seen == {
            "Zofia": [],
            "Dave": ["acme-support"],
            "Ola": ["acme-support", "support-desk"],
            "Piotr": ["acme-support", "support-desk"],
            "Iga": ["support-desk"],
            "Leon": ["support-desk"],
        }


async def test_the_app_may_do_what_its_manifest_asks_for() -> None:
    async with open_world() as world:
        app = world.slack.app
        assert {"chat:write", "users:read"} <= app.scopes
        assert "team:read" not in app.scopes
        assert {"message.groups", "reaction_added"} <= app.events


async def test_a_new_customer_is_somebody_who_never_wrote() -> None:
    async with open_world() as world:
        ala = world.add_customer("Ala", "pl")
        assert world.customers[-1] is ala
        assert ala.sees() == []


async def test_what_comes_due_happens_when_the_clock_is_moved_on() -> None:
    async with open_world() as world:
        anna = world.customers[0]
        anna.presses_data(anna.types("hej"), "later")
        assert len(world.telegram.updates) == 2
        await world.move_on(CALLBACK_LIFE + timedelta(seconds=1))
        await until(lambda: len(world.telegram.updates) == 1)
        await world.move_to_next(8)
        assert world.clock().astimezone(world.clock.zone).hour == 8
