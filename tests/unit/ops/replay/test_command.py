import os
import signal
import subprocess
import sys
from itertools import product

import pytest
from click.testing import CliRunner

from ops.environment import ROOT
from ops.replay.command import replay

FILE = (
    "1,44321B,TIN KETTLE,6,3/4/21 9:30,2.50,90001,United Kingdom",
    "1,10203,OAK SPOON,6,3/4/21 9:30,3.20,90001,United Kingdom",
    "1,44321B,TIN KETTLE,4,3/4/21 9:30,2.50,90001,United Kingdom",
    "C2,44321B,TIN KETTLE,-1,3/4/21 9:30,2.50,90001,United Kingdom",
    "3,POST,POSTAGE,1,3/4/21 9:30,18.00,90002,France",
    "3,44321B,,2,3/4/21 9:30,2.75,90002,France",
    "4,10203,OAK SPOON,1,3/4/21 9:30,3.20,,EIRE",
    "5,10203,OAK SPOON,-1,3/4/21 9:30,0,90001,United Kingdom",
    "6,10203,OAK SPOON,1,3/4/21 9:30,0,90001,United Kingdom",
    "7,10203,OAK SPOON,1",
    "8,10203,OAK SPOON,3000,3/4/21 9:30,3.20,90001,United Kingdom",
)
SUMMARY = {
    "orders": 4,
    "lines": 5,
    "units": 10 + 6 + 2 + 1 + 3_000,
    "revenue": 10 * 250 + 6 * 320 + 2 * 275 + 320 + 3_000 * 320,
    "products": 3,
    "customers": 3,
    "skipped": {
        "cancellation": 1,
        "not_goods": 1,
        "not_a_sale": 1,
        "no_price": 1,
        "malformed": 1,
    },
    "failed": 0,
    "replayed": 0,
}

SIGNED_DOORS = (
    "POST /v1/orders",
    "POST /v1/sellers",
    "PATCH /v1/sellers/{id}",
    "GET /v1/products",
    "POST /v1/products",
    "POST /v1/products/{id}/inventory/adjustments",
)
OPEN_DOORS = ("POST /v1/users", "POST /v1/auth/tokens", "GET /v1/categories")
PASSING_TROUBLE = [
    *product((*SIGNED_DOORS, *OPEN_DOORS), ("unavailable", "drop", "drop_after")),
    ("POST /v1/orders", "in_progress"),
    ("POST /v1/orders", "busy"),
    ("POST /v1/auth/tokens", "busy"),
]


@pytest.fixture
def file(sheet):
    return sheet(*FILE)


def told(result):
    summary = dict(result.summary)
    assert isinstance(summary.pop("seconds"), float)
    return summary


def complaints(result):
    """What comes after the line of the last phase."""
    kinds = ("line", "invoice", "…")
    return [s for s in result.stderr.splitlines() if s.startswith(kinds)]


class TestOneReplay:
    def test_it_sells_what_the_file_sold(self, run, file):
        result = run(file, "--json")

        assert told(result) == SUMMARY
        assert result.exit_code == 0

    def test_stdout_is_the_summary_and_nothing_else(self, run, file):
        result = run(file, "--json")

        assert len(result.stdout.splitlines()) == 1
        phases = [line.partition(":")[0] for line in result.stderr.splitlines()]
        assert phases == ["sellers", "products", "customers", "orders", "line 11"]

    def test_a_person_reads_a_table(self, run, file):
        table = " ".join(run(file).stdout.split())

        assert "orders 4 (0 of them from before) lines 5 units 3,019" in table
        assert "revenue GBP 9,652.90" in table
        assert "skipped malformed 1 failed 0" in table

    def test_the_key_is_the_invoice(self, run, file, gateway):
        run(file)

        assert {key for (_, key) in gateway.placed} == {"1", "3", "4", "8"}

    def test_all_stock_that_was_raised_is_sold(self, run, file, gateway):
        run(file)

        assert set(gateway.on_hand.values()) == {0}

    def test_products_are_what_the_file_says(self, run, file, gateway):
        run(file)

        told = {p["sku"]: (p["title"], p["price"]) for p in gateway.products.values()}
        assert told == {
            "44321B-250": ("TIN KETTLE", {"amount": 250, "currency": "GBP"}),
            "44321B-275": ("44321B-275", {"amount": 275, "currency": "GBP"}),
            "10203-320": ("OAK SPOON", {"amount": 320, "currency": "GBP"}),
        }
        assert {p["category"] for p in gateway.products.values()} == {"home"}

    def test_a_customer_signs_up_once(self, run, file, gateway):
        run(file)

        assert gateway.count_of("POST", "/v1/users") == 2 + 3
        assert gateway.users["guest-4@replay.example"]["roles"] == {"customer"}

    def test_goods_go_to_the_customers_country(self, run, file, gateway):
        run(file)

        countries = {
            o["user"]: o["address"]["country"] for o in gateway.orders.values()
        }
        assert countries == {
            "customer-90001@replay.example": "GB",
            "customer-90002@replay.example": "FR",
            "guest-4@replay.example": "IE",
        }

    @pytest.mark.parametrize("hands", ["1", "8"])
    def test_more_hands_sell_the_same(self, run, file, hands):
        assert told(run(file, "--json", "--concurrency", hands)) == SUMMARY

    def test_a_large_order_is_one_order(self, run, sheet):
        line = "1,{},CUP,3000,3/4/21 9:30,0.01,1,EIRE"
        path = sheet(*[line.format(10_000 + n) for n in range(600)])

        summary = told(run(path, "--json"))

        assert (summary["orders"], summary["lines"]) == (1, 600)
        assert summary["units"] == summary["revenue"] == 600 * 3_000

    @pytest.mark.parametrize(
        ("description", "title"),
        [
            ("x" * 300, "x" * 200),
            ("x" * 199 + " y", "x" * 199),
            ("CUP\tAND  SAUCER", "CUP AND  SAUCER"),
            ("CUP\x07", "CUP"),
            ("\x07", "12345-100"),
        ],
    )
    def test_a_description_is_made_a_title(
        self, run, sheet, gateway, description, title
    ):
        path = sheet(f"1,12345,{description},1,3/4/21 9:30,1,1,EIRE")

        assert run(path).exit_code == 0
        assert [p["title"] for p in gateway.products.values()] == [title]

    def test_a_file_without_sales_needs_no_gateway(self, run, sheet, gateway):
        result = run(sheet("C1,12345,TEA,1,3/4/21 9:30,1,1,EIRE"), "--json")

        assert (result.exit_code, result.summary["orders"]) == (0, 0)
        assert result.summary["skipped"]["cancellation"] == 1
        assert gateway.requests == []


class TestTheSameFileAgain:
    def test_it_says_the_same_and_places_nothing_twice(self, run, file, gateway):
        first = told(run(file, "--json"))
        before = gateway.stock_and_sales()

        second = told(run(file, "--json"))

        assert second == {**first, "replayed": 4}
        assert gateway.stock_and_sales() == before

    def test_orders_are_the_same_bytes(self, run, file, gateway):
        run(file)
        run(file)

        sent = set(gateway.bodies)
        assert len(gateway.bodies) == 8
        assert len(sent) == 4

    def test_a_seller_with_many_products_is_listed_to_the_end(
        self, run, sheet, gateway
    ):
        line = "1,{},CUP,1,3/4/21 9:30,0.01,1,EIRE"
        path = sheet(*[line.format(10_000 + n) for n in range(250)])
        run(path)

        assert run(path).exit_code == 0
        assert gateway.count_of("POST", "/v1/products") == 250

    def test_a_list_that_lags_behind_hides_no_product(self, run, file, gateway):
        gateway.caches_lists = True
        run(file)
        lists = gateway.count_of("GET", "/v1/products")

        assert told(run(file, "--json")) == {**SUMMARY, "replayed": 4}
        assert len(gateway.products) == 3
        assert gateway.count_of("GET", "/v1/products") <= 2 * lists + 3

    def test_lines_in_another_order_raise_no_stock(self, run, file, sheet, gateway):
        run(file)
        run(sheet(*FILE[4:], *FILE[:4], name="other.csv"))

        assert sum(gateway.on_hand.values()) == 0

    def test_another_secret_is_explained(self, run, file, environment):
        run(file)
        environment.setenv("REPLAY_SECRET", "another")

        result = run(file, "--json")

        assert result.exit_code == 1
        assert "another REPLAY_SECRET" in result.stderr
        assert result.stdout == ""

    def test_a_product_somebody_repriced_is_not_sold(self, run, file, gateway):
        run(file)
        dear = next(p for p in gateway.products.values() if p["sku"] == "44321B-275")
        dear["price"] = {"amount": 1, "currency": "GBP"}

        result = run(file, "--json")

        assert result.summary["failed"] == 1
        assert complaints(result)[1].startswith("invoice 3: - repriced: 44321B-275")


class TestTrouble:
    @pytest.mark.parametrize(("door", "fault"), PASSING_TROUBLE)
    def test_passing_trouble_at_any_door_changes_nothing(
        self, run, file, gateway, door, fault
    ):
        gateway.faults[door] += [fault]

        summary = told(run(file, "--json"))

        answered_twice = (door, fault) == ("POST /v1/orders", "drop_after")
        assert summary == {**SUMMARY, "replayed": int(answered_twice)}
        assert len(gateway.orders) == 4
        assert set(gateway.on_hand.values()) == {0}

    @pytest.mark.parametrize("door", SIGNED_DOORS)
    def test_a_token_may_run_out_at_any_door(self, run, file, gateway, door):
        gateway.faults[door] += ["expired"]

        assert told(run(file, "--json")) == SUMMARY

    def test_an_order_decided_later_counts(self, run, file, gateway):
        gateway.faults["POST /v1/orders"] += ["slow"] * 4

        assert told(run(file, "--json")) == SUMMARY

    def test_much_trouble_at_once_changes_nothing(self, run, file, gateway):
        for door in ("POST /v1/orders", "POST /v1/products", "GET /v1/orders/{id}"):
            gateway.faults[door] += ["busy", "drop_after", "slow", "in_progress"] * 2

        assert told(run(file, "--json"))["revenue"] == SUMMARY["revenue"]
        assert len(gateway.orders) == 4

    def test_an_order_rejected_in_the_end_is_a_failure(self, run, file, gateway):
        gateway.faults["POST /v1/orders"] += ["slow"] * 4
        gateway.verdict = "rejected"

        result = run(file, "--json", "--concurrency", "1")

        assert (result.exit_code, result.summary["failed"]) == (1, 4)
        assert "invoice 1: - order_rejected" in result.stderr

    def test_an_order_never_decided_is_a_failure(self, run, sheet, gateway, waits):
        gateway.faults["POST /v1/orders"] += ["slow"]
        gateway.questions_before_decided = 10_000

        result = run(sheet(FILE[0]), "--json")

        assert "invoice 1: - order_pending" in result.stderr
        assert 60 <= sum(waits) < 62

    def test_a_failure_is_told_in_one_line(self, run, file, gateway):
        gateway.faults["POST /v1/orders"] += ["declined"]

        result = run(file, "--json", "--concurrency", "1")

        assert complaints(result) == [
            "line 11: malformed: 4 columns, not 8",
            "invoice 1: 402 payment_declined: The bank said ?[31mno",
        ]
        assert result.exit_code == 1
        assert told(result)["orders"] == 3
        assert result.summary["customers"] == 3

    def test_many_failures_are_counted(self, run, sheet, gateway):
        line = "{},12345,CUP,1,3/4/21 9:30,0.01,1,EIRE"
        gateway.faults["POST /v1/orders"] += ["declined"] * 25

        result = run(sheet(*[line.format(n) for n in range(25)]), "--json")

        assert result.summary["failed"] == 25
        assert len(complaints(result)) == 21
        assert complaints(result)[-1] == "… and 5 more"

    def test_a_product_refused_fails_its_invoices_only(self, run, file, gateway):
        gateway.faults["POST /v1/products"] += ["declined"]

        result = run(file, "--json", "--concurrency", "1")

        assert 0 < result.summary["failed"] < 4
        assert result.summary["orders"] == 4 - result.summary["failed"]

    def test_a_customer_with_another_password_fails_alone(self, run, file, gateway):
        mail = "customer-90002@replay.example"
        gateway.users[mail] = {"password": "x", "roles": {"customer"}}

        result = run(file, "--json")

        assert result.summary["failed"] == 1
        assert f"invoice 3: 401 invalid_credentials: {mail}" in result.stderr

    def test_a_seller_may_need_if_match(self, run, file, gateway):
        gateway.patch_needs_if_match = True

        assert told(run(file, "--json")) == SUMMARY

    def test_a_role_may_take_its_time(self, run, file, gateway):
        gateway.sign_ins_before_the_role_is_there = 5

        assert told(run(file, "--json")) == SUMMARY

    def test_a_role_that_never_comes_stops_the_replay(self, run, file, gateway):
        gateway.sign_ins_before_the_role_is_there = 10_000

        result = run(file)

        assert result.exit_code == 1
        assert "not_a_seller" in result.stderr

    @pytest.mark.parametrize(
        "door", ["GET /v1/products", "POST /v1/products", "POST /v1/users"]
    )
    def test_a_gateway_that_goes_away_before_the_orders_stops_the_replay(
        self, run, file, gateway, door
    ):
        gateway.faults[door] += ["drop"] * 99

        result = run(file, "--json")

        assert (result.exit_code, result.stdout) == (1, "")
        assert "no gateway at http" in result.stderr
        assert gateway.orders == {}

    def test_a_seller_refused_stops_the_replay(self, run, file, gateway):
        gateway.faults["PATCH /v1/sellers/{id}"] += ["declined"]

        result = run(file, "--json", "--concurrency", "1")

        assert "Error: seller 10: 402 payment_declined" in result.stderr
        assert (result.exit_code, result.stdout) == (1, "")

    def test_a_gateway_that_goes_away_is_a_failure_of_the_rest(
        self, run, file, gateway
    ):
        gateway.faults["POST /v1/orders"] += [None, *["drop"] * 99]

        result = run(file, "--json", "--concurrency", "1")

        assert (result.summary["orders"], result.summary["failed"]) == (1, 3)
        assert all(" - unreachable: " in line for line in complaints(result)[1:])


def cups(invoice, quantity, code="12345"):
    return f"{invoice},{code},CUP,{quantity},3/4/21 9:30,0.01,{invoice},EIRE"


class TestBeyondTheLimits:
    def test_too_many_pieces_fail_alone(self, run, sheet, gateway):
        path = sheet(cups(1, 10_000), cups(2, 10_000), cups(1, 1))

        result = run(path, "--json")

        assert complaints(result) == [
            "invoice 1: - too_many_pieces: "
            "10,001 of 12345-1; the shop takes 10,000 in one order"
        ]
        assert (result.exit_code, result.summary["failed"]) == (1, 1)
        assert (result.summary["orders"], result.summary["units"]) == (1, 10_000)
        assert set(gateway.on_hand.values()) == {0}

    def test_too_many_lines_fail_alone(self, run, sheet, gateway):
        lines = [cups(1, 1, 10_000 + n) for n in range(1_001)]

        result = run(sheet(*lines, cups(2, 3, 10_000)), "--json")

        assert complaints(result) == [
            "invoice 1: - too_many_lines: "
            "1,001 products; the shop takes 1,000 in one order"
        ]
        assert (result.exit_code, result.summary["failed"]) == (1, 1)
        assert [p["sku"] for p in gateway.products.values()] == ["10000-1"]
        assert set(gateway.on_hand.values()) == {0}

    def test_nothing_and_nobody_is_made_for_it(self, run, sheet, gateway):
        run(sheet(cups(1, 10_001, "55555"), cups(2, 1)))

        assert [p["sku"] for p in gateway.products.values()] == ["12345-1"]
        assert len(gateway.sellers) == 1
        assert "customer-1@replay.example" not in gateway.users

    def test_if_there_is_no_other_the_shop_is_not_asked(self, run, sheet, gateway):
        result = run(sheet(cups(1, 10_001)), "--json")

        assert (result.exit_code, result.summary["failed"]) == (1, 1)
        assert gateway.requests == []

    def test_it_is_told_beside_what_the_gateway_refused(self, run, sheet, gateway):
        gateway.faults["POST /v1/orders"] += ["declined"]

        result = run(sheet(cups(1, 1), cups(2, 10_001)), "--json")

        assert (result.summary["failed"], len(complaints(result))) == (2, 2)


class TestMalformedLines:
    def test_each_is_told_with_its_reason(self, run, sheet):
        result = run(sheet(cups(1, 1), cups(1, "abc"), "word"), "--json")

        assert complaints(result) == [
            "line 3: malformed: quantity 'abc' is not a whole number",
            "line 4: malformed: 1 columns, not 8",
        ]
        assert (result.exit_code, result.summary["orders"]) == (0, 1)
        assert result.summary.keys() == {*SUMMARY, "seconds"}

    def test_many_are_counted(self, run, sheet):
        result = run(sheet(*[cups(1, "abc")] * 1_025), "--json")

        assert len(complaints(result)) == 21
        assert complaints(result)[-1] == "… and 1,005 more"
        assert result.summary["skipped"]["malformed"] == 1_025

    def test_as_many_as_are_told_leave_no_rest(self, run, sheet):
        assert len(complaints(run(sheet(*["word"] * 20)))) == 20


class TestBeforeAnythingIsSold:
    def one_line(self, result, exit_code=1):
        assert result.exit_code == exit_code
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        return line

    def test_nobody_at_the_address(self, run, file, environment, server):
        server.shutdown()
        server.server_close()

        line = self.one_line(run(file, "--json"))

        assert line == f"Error: no gateway at {server.url}; is it running? make start"

    def test_no_file(self, run, tmp_path):
        line = self.one_line(run(tmp_path / "no.csv"), exit_code=2)

        assert line.endswith("no.csv: No such file or directory")

    def test_a_broken_archive(self, run, tmp_path, sheet):
        path = sheet(*FILE, name="invoices.csv.gz")
        path.write_bytes(path.read_bytes()[:-20])

        assert "cannot read" in self.one_line(run(path), exit_code=2)

    def test_another_file(self, run, sheet):
        line = self.one_line(run(sheet(header="a,b")), exit_code=2)

        assert "no column InvoiceNo" in line

    @pytest.mark.parametrize("name", ["REPLAY_SECRET", "SHOPNOW_URL"])
    def test_no_setting(self, run, file, environment, name):
        environment.delenv(name)

        assert self.one_line(run(file)) == (
            f"Error: {name} is not set and nothing runs here; run make start first"
        )

    @pytest.mark.parametrize("name", ["REPLAY_SECRET", "SHOPNOW_URL"])
    def test_a_setting_the_stack_did_not_write(
        self, run, file, environment, tmp_path, name
    ):
        environment.delenv(name)
        (tmp_path / "env").write_text("OTHER=x\n")
        environment.setenv("OTHER", "x")

        assert f"{name} is not set, and not in {tmp_path}" in self.one_line(run(file))

    def test_settings_are_those_of_the_stack(
        self, run, file, environment, tmp_path, server
    ):
        environment.delenv("SHOPNOW_URL")
        environment.delenv("REPLAY_SECRET")
        (tmp_path / "env").write_text(f"SHOPNOW_URL={server.url}\nREPLAY_SECRET=x\n")

        assert told(run(file, "--json")) == SUMMARY

    def test_no_categories(self, run, file, gateway):
        gateway.categories.clear()

        assert "shopnow seed" in self.one_line(run(file))

    @pytest.mark.parametrize(
        "accounts", ["", "{}", "[]", "[1]", '[{"roles":["admin"]}]']
    )
    def test_no_admin(self, run, file, tmp_path, accounts):
        (tmp_path / "demo-accounts.json").write_text(accounts)

        assert "no admin's account" in self.one_line(run(file))

    def test_an_admin_of_another_shop(self, run, file, gateway):
        gateway.users.clear()

        assert "unknown to this shop" in self.one_line(run(file))

    @pytest.mark.parametrize("hands", ["0", "many"])
    def test_no_hands(self, file, hands):
        result = CliRunner().invoke(replay, [str(file), "--concurrency", hands])

        assert result.exit_code == 2


# A shell that starts the tests in the background has them ignore Ctrl-C.
STARTER = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from ops.replay.command import replay; replay()"
)


def test_ctrl_c_ends_a_replay_at_once_even_if_the_gateway_hangs(
    environment, file, gateway
):
    gateway.faults["POST /v1/orders"] += ["hang"] * 4
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, file],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert gateway.reached.wait(20)

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=25)

    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1] == "interrupted; the same file again goes on from here"
    assert "Traceback" not in err
