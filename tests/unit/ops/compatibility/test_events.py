"""Services of two ages understand each other's events."""

from copy import deepcopy

from ops.compatibility.events import breaks, newest

SHIPPED = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"quantity": {"type": "integer", "minimum": 1}},
                "required": ["quantity"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["order_id", "items"],
    "additionalProperties": False,
}
BEFORE = {"order.shipped.v1.json": SHIPPED}


def following(change):
    schema = deepcopy(SHIPPED)
    change(schema)
    return list(breaks(BEFORE, BEFORE | {"order.shipped.v2.json": schema}))


def test_nothing_new_breaks_nobody():
    assert list(breaks(BEFORE, BEFORE)) == []


def test_a_new_event_breaks_nobody():
    assert list(breaks(BEFORE, BEFORE | {"order.lost.v1.json": SHIPPED})) == []


def test_a_published_schema_stays_as_it_is():
    [found] = breaks(BEFORE, {"order.shipped.v1.json": {"type": "object"}})

    assert "is published and has changed" in found


def test_what_is_still_written_keeps_its_schema():
    [found] = breaks(BEFORE, {})

    assert found.startswith("order.shipped.v1.json: is gone")


def test_an_older_version_may_go():
    before = BEFORE | {"order.shipped.v2.json": SHIPPED}

    assert list(breaks(before, {"order.shipped.v2.json": SHIPPED})) == []


def test_the_next_version_may_say_more():
    def more(schema):
        schema["properties"]["carrier"] = {"type": "string"}
        schema["required"].append("carrier")

    assert following(more) == []


def test_the_next_version_says_what_readers_of_the_last_one_need():
    def less(schema):
        schema["required"].remove("order_id")

    [found] = following(less)

    assert found == (
        "order.shipped.v2.json: readers of version 1 still run: "
        "data order_id may be missing now"
    )


def test_what_is_deep_inside_counts():
    def text(schema):
        quantity = schema["properties"]["items"]["items"]["properties"]["quantity"]
        quantity.update(type="string")

    [found] = following(text)

    assert "data items[].quantity may be a string now" in found


def test_a_version_that_was_left_out_is_looked_at_as_well():
    broken = {"type": "object"}
    versions = {"order.shipped.v2.json": broken, "order.shipped.v3.json": SHIPPED}

    found = list(breaks(BEFORE, BEFORE | versions))

    assert found
    assert all(each.startswith("order.shipped.v2.json") for each in found)


def test_ten_comes_after_nine():
    assert newest({f"a.b.v{n}.json": {} for n in (9, 10)}) == {"a.b": 10}
