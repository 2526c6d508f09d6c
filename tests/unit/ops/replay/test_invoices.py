import gzip
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.replay import invoices
from ops.replay.invoices import Book, Product, layout_of
from ops.replay.rows import COLUMNS, REASONS, Malformed, pence_of
from ops.replay.source import LONGEST_LINE, UnreadableFile

patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SHARED = (
    Path(__file__).parents[5]
    / "shared/data/online_retail/invoices_2010-12-01_to_05.csv.gz"
)
HEADER = (
    b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
)
TEA = "1,12345,TEA,2,3/4/21 9:30,1.50,7,France"


def tea(**changes):
    told = {
        "invoice": "1",
        "code": "12345",
        "description": "TEA",
        "quantity": "2",
        "date": "3/4/21 9:30",
        "price": "1.50",
        "customer": "7",
        "country": "France",
    }
    return ",".join({**told, **changes}.values())


def skipped(book):
    return {reason: n for reason, n in book.skipped.items() if n}


def lines_of(book, number):
    return {p.sku: quantity for p, quantity in book.invoices[number].lines.items()}


class TestSorting:
    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            (tea(invoice="C1"), "cancellation"),
            (tea(invoice="C1", code="POST", quantity="-1", price="0"), "cancellation"),
            (tea(code="POST"), "not_goods"),
            (tea(code="1234"), "not_goods"),
            (tea(code="1234A5"), "not_goods"),
            (tea(code="١٢٣٤٥"), "not_goods"),
            (tea(code="M", quantity="0", price="-1"), "not_goods"),
            (tea(quantity="0"), "not_a_sale"),
            (tea(quantity="-2", price="0"), "not_a_sale"),
            (tea(price="0"), "no_price"),
            (tea(price="-0.01"), "no_price"),
            (tea(price="0.004"), "no_price"),
        ],
    )
    def test_the_first_rule_that_holds_is_the_reason(self, sheet, line, reason):
        book = invoices.read(sheet(line))

        assert skipped(book) == {reason: 1}
        assert book.invoices == {}

    @pytest.mark.parametrize(
        "line",
        [
            "1,12345,TEA,2",
            TEA + ",",
            "word",
            ",,,,,,,",
            tea(invoice=""),
            tea(invoice="  "),
            tea(code=""),
            tea(quantity=""),
            tea(quantity="two"),
            tea(quantity="6.0"),
            tea(quantity="1_0"),
            tea(quantity="1e3"),
            tea(quantity="٣"),
            tea(quantity="9" * 5000),
            tea(price=""),
            tea(price="free"),
            tea(price="NaN"),
            tea(price="Infinity"),
            tea(price="1e400"),
            tea(price="9" * 400),
            tea(price="1_0"),
            tea(price="£1"),
            tea(price="1.5.0"),
            tea(description='"TEA'),
            tea(description='"TEA" FOR TWO'),
            tea(description="T\0A"),
            tea(description="T" * 200_000),
        ],
    )
    def test_what_cannot_be_read_is_malformed(self, sheet, line):
        book = invoices.read(sheet(line, tea(invoice="2")))

        assert skipped(book) == {"malformed": 1}
        assert list(book.invoices) == ["2"]

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("1,12345,TEA,2", "4 columns, not 8"),
            (tea(quantity="abc"), "quantity 'abc' is not a whole number"),
            (tea(quantity="6.0"), "quantity '6.0' is not a whole number"),
            (tea(quantity="1" * 10), "quantity '1111111111' has more than 9 digits"),
            (tea(price="free"), "price 'free' is not a decimal number"),
            (tea(price="1e7"), "price '1e7' is not below 1,000,000 pounds"),
            (tea(description="T\0A"), "it holds a NUL"),
            (tea(description="T" * 200_000), "longer than 65,536 bytes"),
        ],
    )
    def test_why_is_known_of_a_malformed_line(self, sheet, line, why):
        assert invoices.read(sheet(line)).malformed == {2: why}

    def test_lines_are_numbered_as_an_editor_does(self, tmp_path):
        path = tmp_path / "invoices.csv"
        endless = b"x" * (3 * LONGEST_LINE)
        path.write_bytes(b"\r\n".join((b"", HEADER, b"", endless, b" ", b"bad", b"")))

        assert list(invoices.read(path).malformed) == [4, 6]

    def test_what_a_line_says_cannot_steer_the_terminal_or_fill_it(self, sheet):
        rude = sheet(tea(quantity="\x1b[31m"), tea(quantity="x" * 5_000))

        for why in invoices.read(rude).malformed.values():
            assert why.isprintable()
            assert why.endswith("is not a whole number")
            assert len(why) < 80

    def test_reasons_nobody_will_be_told_are_not_kept(self, sheet):
        book = invoices.read(sheet(*["bad"] * 500))

        assert (len(book.malformed), skipped(book)) == (20, {"malformed": 500})

    def test_what_is_no_utf_8_is_malformed(self, tmp_path):
        path = tmp_path / "invoices.csv"
        path.write_bytes(HEADER + b"\n" + TEA.encode() + b"\n1,12345,\xa31\n")

        assert skipped(invoices.read(path)) == {"malformed": 1}

    def test_a_quote_nobody_closes_costs_one_line(self, sheet):
        path = sheet(tea(description='"TEA'), *[tea(invoice=str(n)) for n in range(9)])

        assert len(invoices.read(path).invoices) == 9

    def test_a_reason_without_lines_is_told_too(self, sheet):
        assert invoices.read(sheet(TEA)).skipped == dict.fromkeys(REASONS, 0)


class TestReading:
    def test_quotes_and_commas_are_read(self, sheet):
        book = invoices.read(sheet(tea(description='"TEA, ""EARL"" GREY"')))

        assert list(book.descriptions.values()) == ['TEA, "EARL" GREY']

    @pytest.mark.parametrize("quantity", ["+2", " 2 ", "002", '"2"'])
    def test_a_plain_integer_is_a_quantity(self, sheet, quantity):
        book = invoices.read(sheet(tea(quantity=quantity)))

        assert lines_of(book, "1") == {"12345-150": 2}

    def test_gzip_is_known_by_its_content(self, sheet, tmp_path):
        packed = sheet(TEA, name="invoices.csv.gz")
        renamed = packed.rename(tmp_path / "invoices.csv")

        assert list(invoices.read(renamed).invoices) == ["1"]

    def test_bom_crlf_and_blank_lines_mean_nothing(self, tmp_path):
        path = tmp_path / "invoices.csv"
        lines = [HEADER, TEA.encode(), b"", b"   ", tea(invoice="2").encode()]
        path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))

        book = invoices.read(path)

        assert list(book.invoices) == ["1", "2"]
        assert book.lines_read == 2
        assert skipped(book) == {}

    def test_columns_are_found_by_name(self, sheet):
        book = invoices.read(
            sheet(
                "UK,7,x,1.5,2,TEA,12345,1",
                header=",".join(COLUMNS[::-1][:2])
                + ",Extra,UnitPrice,Quantity,Description,StockCode,InvoiceNo",
            )
        )

        assert lines_of(book, "1") == {"12345-150": 2}
        assert book.invoices["1"].customer == "7"

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"", "it is empty"),
            (b"\n\r\n", "it is empty"),
            (b"a,b,c\n1,2,3\n", "no column InvoiceNo, StockCode"),
            (HEADER.replace(b"UnitPrice", b"Price"), "no column UnitPrice"),
            (b"\xff\xfeI\0n\0v\0", "not a file of invoices"),
            (b"\0" * 500_000, "not a file of invoices"),
            (gzip.compress(HEADER)[:-9], "end-of-stream"),
            (gzip.compress(HEADER * 99)[:40] + b"\xff" * 99, ""),
            (b"\x1f\x8b", ""),
        ],
    )
    def test_what_is_no_such_file_is_said_in_one_line(self, tmp_path, data, why):
        path = tmp_path / "invoices.csv.gz"
        path.write_bytes(data)

        with pytest.raises(UnreadableFile) as refusal:
            invoices.read(path)

        assert why in str(refusal.value)
        assert "\n" not in str(refusal.value)

    @pytest.mark.parametrize("name", ["missing.csv", "."])
    def test_what_cannot_be_opened_is_said(self, tmp_path, name):
        with pytest.raises(UnreadableFile, match=r"No such file|directory"):
            invoices.read(tmp_path / name)

    def test_an_endless_line_costs_one_line(self, tmp_path):
        path = tmp_path / "invoices.csv"
        endless = tea(country="x" * (3 * LONGEST_LINE)).encode()
        path.write_bytes(b"\n".join((HEADER, endless, TEA.encode(), endless)))

        book = invoices.read(path)

        assert (list(book.invoices), skipped(book)) == (["1"], {"malformed": 2})


class TestGathering:
    def test_lines_of_one_product_are_merged(self, sheet):
        path = sheet(TEA, tea(invoice="2"), tea(quantity="3"), tea(price="1.500"))

        assert lines_of(invoices.read(path), "1") == {"12345-150": 7}

    def test_another_price_is_another_product(self, sheet):
        book = invoices.read(sheet(TEA, tea(price="1.49"), tea(code="12345b")))

        assert lines_of(book, "1") == {"12345-150": 2, "12345-149": 2, "12345b-150": 2}

    def test_invoices_keep_the_order_they_appear_in(self, sheet):
        path = sheet(*[tea(invoice=n) for n in ("3", "1", "2", "1", "3")])

        assert list(invoices.read(path).invoices) == ["3", "1", "2"]

    def test_the_first_customer_named_on_a_sale_buys(self, sheet):
        path = sheet(
            tea(code="POST", customer="8"),
            tea(customer=""),
            tea(customer="7"),
            tea(customer="9"),
            tea(invoice="2", customer=""),
        )

        book = invoices.read(path)

        assert [i.customer for i in book.invoices.values()] == ["7", ""]

    def test_the_first_description_that_says_something_is_kept(self, sheet):
        path = sheet(
            tea(description=" "), tea(description=" TEA "), tea(description="X")
        )

        assert list(invoices.read(path).descriptions.values()) == ["TEA"]

    def test_demand_is_what_every_invoice_takes(self, sheet):
        book = invoices.read(sheet(TEA, TEA, tea(invoice="2")))

        assert book.demand() == {Product("12345", 150): {"1": 4, "2": 2}}

    def test_without_an_invoice_its_products_are_not_needed(self, sheet):
        book = invoices.read(
            sheet(TEA, tea(invoice="2"), tea(invoice="2", code="77777"))
        )

        rest = book.without({"2"})

        assert list(rest.invoices) == ["1"]
        assert rest.demand() == {Product("12345", 150): {"1": 2}}

    def test_the_code_begins_with_its_seller(self):
        assert Product("44321B", 250).seller == "44"


class TestPence:
    @pytest.mark.parametrize(
        ("pounds", "pence"),
        [
            ("2.55", 255),
            ("1", 100),
            ("1.", 100),
            (".5", 50),
            ("0.125", 13),
            ("0.115", 12),
            ("1.005", 101),
            ("0.0049", 0),
            ("-0.005", -1),
            ("1e2", 10_000),
            ("999999.99", 99_999_999),
            ("2.00499999999999999999999999999999999999", 200),
        ],
    )
    def test_half_a_penny_is_rounded_up(self, pounds, pence):
        assert pence_of(pounds) == pence

    @patiently
    @given(st.integers(0, 99_999_999))
    def test_pounds_written_with_pence_are_exact(self, pence):
        assert pence_of(f"{pence // 100}.{pence % 100:02}") == pence

    @patiently
    @given(st.text(alphabet="0123456789.eE+-", max_size=12))
    def test_any_text_is_a_price_or_malformed(self, text):
        with suppress(Malformed):
            assert isinstance(pence_of(text), int)


CELLS = st.sampled_from(
    ["", "1", "C1", "12345", "44321B", "POST", "-1", "0", "2.5", "NaN", '"', "é", "\t"]
)
LINES = st.one_of(
    st.binary(max_size=60),
    st.lists(CELLS, min_size=8, max_size=8).map(lambda cells: ",".join(cells).encode()),
)


def sold_lines(book, lines):
    """How many lines became part of an order, found without the book's own count."""
    alone = Book()
    layout = layout_of(HEADER)
    sold = 0
    for line in lines:
        before = sum(alone.skipped.values())
        alone.enter(1, line, layout)
        sold += sum(alone.skipped.values()) == before
    assert alone.invoices == book.invoices
    return sold


class TestAnything:
    @patiently
    @given(st.lists(LINES, max_size=30))
    def test_every_line_is_sold_or_skipped(self, tmp_path_factory, lines):
        path = tmp_path_factory.getbasetemp() / "anything.csv"
        path.write_bytes(HEADER + b"\n" + b"\n".join(lines))
        physical = b"\n".join(lines).split(b"\n")
        full = [line.strip() for line in physical if line.strip()]

        book = invoices.read(path)

        assert book.lines_read == len(full)
        assert sold_lines(book, full) + sum(book.skipped.values()) == len(full)

    @patiently
    @given(st.binary(max_size=400))
    def test_any_bytes_are_invoices_or_said_to_be_none(self, tmp_path_factory, data):
        path = tmp_path_factory.getbasetemp() / "anything.bin"
        path.write_bytes(data)

        with suppress(UnreadableFile):
            assert isinstance(invoices.read(path), Book)


@pytest.mark.skipif(
    not SHARED.exists(), reason="the data set is not beside the project"
)
def test_the_data_set_sells_what_is_known_of_it():
    book = invoices.read(SHARED)
    sold = [line for i in book.invoices.values() for line in i.lines.items()]

    assert len(book.invoices) == 424
    assert len(sold) == 9_600
    assert sum(quantity for _, quantity in sold) == 90_784
    assert sum(product.pence * quantity for product, quantity in sold) == 18_149_468
    assert len({product for product, _ in sold}) == len(book.demand()) == 3_196
    assert skipped(book) == {
        "cancellation": 100,
        "not_goods": 37,
        "not_a_sale": 30,
        "no_price": 16,
    }
