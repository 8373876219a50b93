"""The agents' side, in Slack: each ticket is a thread under its card."""
