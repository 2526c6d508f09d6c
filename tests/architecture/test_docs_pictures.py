"""Every picture of the documents is drawn by mermaid itself, where it is at hand.

No Python package ships it.  With npm: `npm pack mermaid@11`, unpack it, and run this
file with `MERMAID_JS=package/dist/mermaid.min.js` in the environment.
"""

import json
import os
import re
from pathlib import Path

import pytest

from tests.browser import PROGRAM, browsing

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PICTURE = re.compile(r"^```mermaid\n(.*?)^```", re.MULTILINE | re.DOTALL)
PICTURES = {
    f"{file.relative_to(ROOT)}-{number}": picture
    for file in DOCUMENTS
    for number, picture in enumerate(PICTURE.findall(file.read_text()), 1)
}
KINDS = ("flowchart LR", "flowchart TB", "sequenceDiagram", "stateDiagram-v2")
SCRIPT = os.environ.get("MERMAID_JS", "")
DRAW = """
mermaid.initialize({startOnLoad: false});
const trouble = {};
for (const [name, text] of Object.entries(PICTURES)) {
  try {
    const {svg} = await mermaid.render("a" + name.replace(/\\W/g, "-"), text);
    document.body.insertAdjacentHTML("beforeend", svg);
  } catch (error) { trouble[name] = String(error); }
}
return {drawn: document.querySelectorAll("body > svg").length, trouble};
"""


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_of_kinds_that_every_viewer_knows(name):
    assert PICTURES[name].startswith(KINDS)


@pytest.mark.skipif(not (SCRIPT and PROGRAM), reason="MERMAID_JS names no mermaid")
def test_every_picture_can_be_drawn(tmp_path):
    page = tmp_path / "page.html"
    script = Path(SCRIPT).resolve().as_uri()
    page.write_text(f"<body><script src='{script}'></script></body>")
    told = f"const PICTURES = {json.dumps(PICTURES)};"

    with browsing(tmp_path / "browser") as browser:
        browser.open(page.as_uri(), width=1600)
        found = browser.ask(
            "Runtime.evaluate",
            expression=f"(async () => {{ {told} {DRAW} }})()",
            awaitPromise=True,
            returnByValue=True,
        )["result"]["value"]

    assert found == {"drawn": len(PICTURES), "trouble": {}}
