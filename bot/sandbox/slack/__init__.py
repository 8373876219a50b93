"""A local stand-in of Slack: Web API, Events API, Socket Mode. Start it with `bot.sandbox.slack_api.SlackStandIn`."""
