.DEFAULT_GOAL := help
# Tests start hundreds of processes: each would compile all that it imports.
export PYTHONDONTWRITEBYTECODE :=
OWN := $(patsubst %,tests/integration/test_%.py,local_stack tls audit)
.PHONY: help bootstrap run start stop status reset test test-outside test-inside test-crashes test-faults programs lint shell fuzz bench-wire bench-identity bench-faults bench-stock bench-overhead

help: ## list what there is to make
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

bootstrap:
	@ops/bootstrap

run: bootstrap ## start everything, or PARTS="redis consul", and follow the logs until Ctrl-C
start: bootstrap ## start everything in the background
stop: bootstrap ## stop what runs in the background
status: bootstrap ## show what runs
reset: bootstrap ## stop, and remove all data of the local stack
run start:
	@exec .venv/bin/shopnow stack $@ $(PARTS)
stop reset:
	@exec .venv/bin/shopnow stack $@
status:
	@.venv/bin/shopnow stack $@ $(PARTS) || [ $$? = 3 ] # it has just said that not all of it runs

shell: bootstrap ## open a Nameko shell on the running stack
	@exec .venv/bin/shopnow shell

lint: bootstrap ## check style, types, who imports whom, and for weaknesses
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/bandit --quiet -ll --configfile pyproject.toml --recursive .
	@.venv/bin/python -m ops.advisories

test: bootstrap ## lint, and run every test on a private stack
	@$(MAKE) --no-print-directory programs
	@$(MAKE) --no-print-directory --jobs=5 lint test-faults test-outside test-inside test-crashes

programs: bootstrap
	@.venv/bin/shopnow stack install
	@.venv/bin/python -m tests.browser

test-faults: # servers that die, and what needs none; stock Nameko is for `make bench-faults`
	TEST_SIDE=3 CONSOLE=off .venv/bin/pytest -m "not stock" tests/faults tests/architecture tests/unit
test-outside: # through HTTP, on a stack of its own
	TEST_SIDE=0 .venv/bin/pytest tests/e2e
test-inside: # all else, on another
	TEST_SIDE=1 GATEWAY_PROCESSES=1 CONSOLE=off .venv/bin/pytest tests/contract tests/integration tests/fuzz $(OWN:%=--ignore=%)
test-crashes: # every step of a checkout, and what starts its own stack
	TEST_SIDE=2 GATEWAY_PROCESSES=1 CONSOLE=off .venv/bin/pytest $(OWN) tests/saga

fuzz: bootstrap ## send 10,000 requests of all kinds, and add up 10,000 histories of money
	@.venv/bin/shopnow stack install
	FUZZ_CASES=10000 FUZZ_EXAMPLES=250 .venv/bin/pytest tests/fuzz -s
	HISTORIES=10000 .venv/bin/pytest tests/unit/order_service/test_money_histories.py

bench-wire: bootstrap ## measure the shop beside stock Nameko, in under 5 minutes
	@exec .venv/bin/python -m bench

bench-identity: bootstrap ## measure what a crowd at the sign-in costs everybody else
	@exec .venv/bin/python -m bench.identity

bench-overhead: bootstrap ## measure what logs, metrics and traces cost
	@exec .venv/bin/python -m bench.overhead

bench-faults: bootstrap ## look at the clock while servers die, stand still and come back
	@.venv/bin/shopnow stack install
	PACE=shipped .venv/bin/pytest tests/faults

bench-stock: bootstrap ## measure ways to reserve a product that everybody wants
	@exec .venv/bin/python -m bench.hot_product
