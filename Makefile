# Every command we use. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo chat run check format test nlu-test bench load faults fanout takeover simulate bench-console bench-release

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## install what the project needs
	uv sync --locked

demo: ## the demo page on http://127.0.0.1:8080
	uv run supportbot demo

chat: ## talk to the bot in the terminal
	uv run supportbot chat

run: ## everything on one machine
	uv run supportbot run

check: ## linters and types
	uv run ruff check
	uv run ruff format --check
	uv run mypy

format: ## put the code into shape
	uv run ruff check --fix
	uv run ruff format

test: ## all tests
	uv run pytest

nlu-test: ## accuracy on held-out text, confusion, thresholds
	uv run supportbot nlu test

bench: ## inbox to outbox: messages per second and CPU
	uv run python -m bench.inbox_to_outbox

load: ## 20 and 100 messages a second through both messengers' webhooks and the language server
	uv run python -m bench.load

faults: ## kill -9, database crashes and providers in trouble: nothing lost, nothing answered twice
	uv run python -m bench.faults

fanout: ## an incident told to 10,000 chats with kill -9 in the middle: each exactly once, others still answered
	uv run python -m bench.fanout

takeover: ## the worker that does the jobs is killed: how soon another one does them, nothing twice
	uv run python -m bench.takeover

simulate: ## a month of support on a moved clock: silences, SLA figures, quiet hours, surveys, follow-ups, promises
	uv run python -m bench.simulate

bench-console: ## how long the console's pages, and labelling, take with 100,000 rows of each kind
	@uv run python -m bench.console

bench-release: ## from pressing "train" to live, while 20 messages a second are read
	@uv run python -m bench.release
