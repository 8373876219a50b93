"""Tables and their queries, one file per noun. Importing the package registers every table."""

from storage import (
    channel_state,
    conversations,
    customers,
    inbound,
    lanes,
    link_codes,
    outbox,
    tickets,
    wrong_codes,
)

__all__ = [
    "channel_state",
    "conversations",
    "customers",
    "inbound",
    "lanes",
    "link_codes",
    "outbox",
    "tickets",
    "wrong_codes",
]
