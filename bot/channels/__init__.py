"""Messengers: each translates its provider's world into ours and back, and decides nothing."""
