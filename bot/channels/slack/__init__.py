"""Slack for customers: the channel that sends, and the gate through which Slack's events come."""

from bot.channels.slack.channel import Slack
from bot.channels.slack.gate import SlackGate

__all__ = ["Slack", "SlackGate"]
