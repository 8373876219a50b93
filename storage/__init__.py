"""Tables and their queries, one file per noun. Importing the package registers every table."""

from storage import channel_state, conversations, customers, inbound, lanes, outbox, tickets

__all__ = ["channel_state", "conversations", "customers", "inbound", "lanes", "outbox", "tickets"]
