import pytest

from bench import paths

PAGES = {
    "/v1/categories": {"items": [{"slug": "tea"}]},
    "/v1/products?limit=20&sort=price&category=tea": {"items": ["a"], "next": "c"},
    "/v1/products?limit=20&sort=price&category=tea&cursor=c": {
        "items": ["b"],
        "next": None,
    },
}


@pytest.fixture
def gateway(monkeypatch):
    monkeypatch.setattr(paths, "call", lambda _, url: PAGES[url.removeprefix("http:")])
    return "http:"


def test_a_list_is_walked_to_its_end(gateway):
    walked = list(paths.walk(gateway, "price", {"category": "tea"}))
    assert [items for _, items in walked] == [["a"], ["b"]]
    assert walked[1][0].endswith("cursor=c")


def test_words_are_plain_and_found_once():
    titles = iter(["Blue mug", "Mug 2.0 of tea", "A blue teapot"])
    assert paths.found_words(titles) == ["blue", "teapot"]


def test_lines_are_written_as_the_load_generator_reads_them(tmp_path):
    file = paths.write(["/a", '/b\t"tag"'], tmp_path / "paths")
    assert file.read_text() == '/a\n/b\t"tag"\n'
