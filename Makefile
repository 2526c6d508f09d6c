.DEFAULT_GOAL := help
# Tests start hundreds of processes: each would compile all that it imports.
export PYTHONDONTWRITEBYTECODE :=
LIFE := tests/integration/test_local_stack.py
OWN := $(patsubst %,tests/integration/test_%.py,tls audit)
STORMS := $(patsubst %,tests/e2e/test_%.py,after_sale crashes erasure hot_product idempotency logs ops_page orders sellers_money storm traces whole_stack)
LANES := test-faults test-inside test-outside test-saga test-storms test-alone test-audit test-tls
.PHONY: help bootstrap run start stop status reset test $(LANES) programs lint shell fuzz bench bench-wire bench-identity bench-faults bench-stock bench-overhead soak compatible drill restore-drill

help: ## list what there is to make
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

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
	.venv/bin/shopnow migrations lint
	.venv/bin/zizmor --offline --quiet --no-progress .github
	@.venv/bin/python -m ops.advisories

AGAINST ?= main
compatible: bootstrap ## compare API, events and migrations with those of AGAINST=main
	@.venv/bin/shopnow compatibility --against $(AGAINST)

test: bootstrap ## lint, and run every test on a private stack
	@$(MAKE) --no-print-directory --jobs=4 $(LANES) lint

# More at a time would only share two cores with more stacks; the longest come first.
$(LANES): programs

programs: bootstrap
	@.venv/bin/shopnow stack install
	@.venv/bin/python -m tests.browser

test-faults: # servers that die, and the life of a stack; stock Nameko is for the night
	TEST_SIDE=0 CONSOLE=off .venv/bin/pytest tests/faults -m "not stock" $(LIFE)
test-outside: # through HTTP, on a stack of its own
	TEST_SIDE=1 CONSOLE=off .venv/bin/pytest tests/e2e tests/fuzz $(STORMS:%=--ignore=%)
test-storms: # the same, where much happens at once, or somebody dies
	TEST_SIDE=2 .venv/bin/pytest $(STORMS)
test-inside: # on another
	TEST_SIDE=3 GATEWAY_PROCESSES=1 CONSOLE=off .venv/bin/pytest tests/contract tests/integration $(LIFE:%=--ignore=%) $(OWN:%=--ignore=%)
test-saga: # every step of a checkout, and each crash of it
	TEST_SIDE=4 GATEWAY_PROCESSES=1 CONSOLE=off .venv/bin/pytest tests/saga
test-audit: # spoils a stack of its own
	TEST_SIDE=5 GATEWAY_PROCESSES=1 CONSOLE=off .venv/bin/pytest tests/integration/test_audit.py
test-tls: # needs one that speaks nothing else
	TEST_SIDE=6 GATEWAY_PROCESSES=1 CONSOLE=off .venv/bin/pytest tests/integration/test_tls.py
test-alone: # what needs no server
	.venv/bin/pytest tests/unit tests/architecture

fuzz: bootstrap ## send 10,000 requests of all kinds, and add up 10,000 histories of money
	@.venv/bin/shopnow stack install
	FUZZ_CASES=10000 FUZZ_EXAMPLES=250 .venv/bin/pytest tests/fuzz -s
	HISTORIES=10000 .venv/bin/pytest tests/unit/order_service/test_money_histories.py

bench: bootstrap ## measure the shop's mix and the Online Marketplace's
	@.venv/bin/python -m bench.capacity
	@exec .venv/bin/python -m bench.marketplace

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

drill: bootstrap ## lose a region while people buy, or WITH="--synchronous", and count what is missing
	@exec .venv/bin/shopnow dr drill $(WITH)

restore-drill: bootstrap ## bring a shop back to a moment while people bought, and audit it
	@exec .venv/bin/shopnow dr restore-drill

MINUTES ?= 10
soak: bootstrap ## keep the shop busy for MINUTES=10, and see what adds up
	@exec .venv/bin/python -m bench.soak --minutes $(MINUTES)
