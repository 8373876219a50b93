"""Tables and their queries, one file per noun. Importing the package registers every table."""

from storage import (
    agents,
    channel_state,
    conversations,
    customers,
    desk_posts,
    desk_threads,
    inbound,
    lanes,
    link_codes,
    outbox,
    ticket_links,
    ticket_notes,
    tickets,
    wrong_codes,
)

__all__ = [
    "agents",
    "channel_state",
    "conversations",
    "customers",
    "desk_posts",
    "desk_threads",
    "inbound",
    "lanes",
    "link_codes",
    "outbox",
    "ticket_links",
    "ticket_notes",
    "tickets",
    "wrong_codes",
]
