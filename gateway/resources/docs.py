"""``/openapi.json`` and ``/docs``: the contract, for machines and for people."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from werkzeug.exceptions import NotFound

from gateway.etags import etag
from gateway.http import http
from gateway.request import Request
from gateway.response import Response

CONTRACT = Path(__file__).parent.parent / "openapi.json"
PAGES = Path(__file__).parent.parent / "pages"
SWAGGER = Path(str(files("swagger_ui") / "static"))

ASSETS = {
    "docs.js": (PAGES, "text/javascript"),
    "swagger-ui.css": (SWAGGER, "text/css"),
    "swagger-ui-bundle.js": (SWAGGER, "text/javascript"),
    "favicon-32x32.png": (SWAGGER, "image/png"),
}

# Swagger UI styles its own elements and draws its icons from data URIs.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'"
)


class DocsResource:
    @http("GET", "/openapi.json", gives="Contract")
    def get_contract(self, request: Request) -> Response:
        """Read this contract."""
        return page(CONTRACT, "application/json")

    @http("GET", "/docs", media_type="text/html")
    def get_docs(self, request: Request) -> Response:
        """Read the contract as a page."""
        return page(PAGES / "docs.html", "text/html; charset=utf-8")

    @http("GET", "/docs/<name>", media_type="*/*")
    def get_asset(self, request: Request, name: str) -> Response:
        """Read a part of the page."""
        if name not in ASSETS:
            raise NotFound
        folder, media_type = ASSETS[name]
        return page(folder / name, media_type)


@cache
def page(path: Path, content_type: str) -> Response:
    body = path.read_bytes()
    headers = {
        "Content-Security-Policy": POLICY,
        "Cache-Control": "public, max-age=300",
        "ETag": etag(body),
    }
    return Response(body, 200, headers, content_type=content_type)
