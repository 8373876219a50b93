"""Who pressed or wrote something, as Slack tells of them: decided by their account, never by what they sent."""

from __future__ import annotations

from bot.channels.slack.people import People
from handlers.agents import SlackPerson


async def person(people: People, user: str) -> SlackPerson:
    """Raises as `Channel.send` where Slack does not tell now."""
    told = await people.colleague(user)
    return SlackPerson(
        team_id=told.team_id,
        user_id=user,
        name=told.name,
        email=told.email,
        is_full_member=told.is_ours and told.limit is None,
        limit=told.limit,
    )
