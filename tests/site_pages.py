"""The documentation as built: `nox -s docs` builds it, and then runs this."""

from __future__ import annotations

import html
import os
import pathlib
import re

import pytest

import hikari_sessions

SITE = pathlib.Path(os.environ["SITE"])

MODULES = {
    "SQLiteIdentifyLimiter": "hikari_sessions.sqlite",
    "RedisIdentifyLimiter": "hikari_sessions.redis",
    "ManualClock": "hikari_sessions.testing",
}


def source(page: pathlib.Path) -> str:
    content = page.read_text(encoding="utf-8")
    return content.partition("<article")[2].partition("</article>")[0]


def text(name: str) -> str:
    content = re.sub("<[^>]*>", "", source(SITE / "reference" / f"{name}.html"))
    return " ".join(html.unescape(content).split())


@pytest.mark.parametrize("name", [*hikari_sessions.__all__, *MODULES])
def test_reference_lists(name: str) -> None:
    target = f'id="{MODULES.get(name, "hikari_sessions")}.{name}"'
    pages = (SITE / "reference").glob("*.html")
    assert sum(source(page).count(target) for page in pages) == 1


def test_docstrings_keep_the_colon_in_their_first_line() -> None:
    assert "used in the current 24 hours: total - remaining." in text("models")
    assert "wrong: where, what was expected, and" in text("payloads")
    assert " Type: " not in text("models") + text("payloads")


@pytest.mark.parametrize(("name", "count"), [("limiter", 3), ("plan", 1)])
def test_signatures_name_the_default(name: str, count: int) -> None:
    assert text(name).count("identify_delay=IDENTIFY_DELAY,") == count


def test_signature_shows_no_private_default() -> None:
    assert "ManualClock( now=datetime.datetime(2026, 1, 1, " in text("clock")


def test_copies_have_the_type_of_their_original() -> None:
    assert re.findall(r"Return type: (\S+)", text("copies")) == [
        "type[ModelT]",
        "ModelT",
        "ModelT",
    ]


def test_images_exist() -> None:
    images = [
        page.parent / image
        for page in SITE.rglob("*.html")
        for image in re.findall('<img[^>]* src="([^"]*)"', source(page))
    ]
    assert images
    assert all(image.is_file() for image in images)
