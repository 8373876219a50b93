"""Tables and their queries, one file per noun. Importing the package registers every table."""

from storage import conversations, customers, inbound, lanes, outbox, tickets

__all__ = ["conversations", "customers", "inbound", "lanes", "outbox", "tickets"]
