"""Posters: what they hold, text that fits, and drawn once."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from PIL import Image

from rongshu.domain.commerce.products.actions import Described, picture_product, put_products
from rongshu.domain.marketing.posters import actions
from rongshu.domain.marketing.posters.actions import poster, put_template
from rongshu.domain.marketing.posters.drawing import Content, _font, draw, fitted
from rongshu.domain.marketing.posters.layout import STARTERS, Box, Layout, read_layout
from rongshu.domain.marketing.posters.models import Poster
from rongshu.domain.marketing.posters.queries import template, templates
from rongshu.domain.members.profiles.actions import add_member
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

SITE = "https://r.example.com"
CONTENT = Content("山茶花精华", "¥299.00", "小林", "https://r.example.com/s/ABCDEFG?q=1", "广告")
PLAIN = Layout(400, 400, "#ffffff", "", (Box("qr", 20, 20, 200, 200), Box("label", 300, 20, 88, 42, 26)))


def jpeg(colour: str = "green") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("identifier", STARTERS)
def test_every_starter_is_a_layout_and_its_code_can_be_scanned(identifier: int) -> None:
    layout = STARTERS[identifier][1]
    assert read_layout(layout.document()) == layout
    box = next(box for box in layout.boxes if box.filling == "qr")
    drawn = Image.open(io.BytesIO(draw(layout, replace(CONTENT, picture=jpeg()))))
    assert drawn.size == (layout.width, layout.height)
    inside = drawn.crop((box.x, box.y, box.x + box.w, box.y + box.h)).convert("L")
    dark = sum(n for level, n in enumerate(inside.histogram()) if level < 64) / (box.w * box.h)
    assert 0.2 < dark < 0.5  # a code: black and white, and nothing written over it
    assert inside.crop((0, 0, box.w, 6)).getextrema() == (255, 255)  # its quiet zone


def test_a_layout_without_a_label_gets_one_and_the_label_is_drawn() -> None:
    bare = replace(PLAIN, boxes=PLAIN.boxes[:1])
    read = read_layout(bare.document())
    assert [box.filling for box in read.boxes] == ["qr", "label"]
    box = read.boxes[-1]
    area = (box.x, box.y, box.x + box.w, box.y + box.h)
    with_it, without = (
        Image.open(io.BytesIO(draw(read, replace(CONTENT, label=label)))).crop(area).convert("L")
        for label in ("广告", "")
    )
    assert with_it.histogram()[255] > without.histogram()[255] + 100


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"width": 100}, "bad_size"),
        ({"width": "400"}, "bad_layout"),
        ({"background": "red"}, "bad_colour"),
        ({"boxes": []}, "no_qr"),
        ({"boxes": [{"filling": "qr", "x": 0, "y": 0, "w": 90, "h": 200}]}, "small_qr"),
        ({"boxes": [{"filling": "qr", "x": 300, "y": 0, "w": 200, "h": 200}]}, "box_outside"),
        ({"boxes": [{"filling": "film", "x": 0, "y": 0, "w": 200, "h": 200}]}, "bad_box"),
        ({"boxes": [{"filling": "label", "x": 0, "y": 0, "w": 20, "h": 20, "size": 12}]}, "small_label"),
        ({"boxes": [{"what": "qr"}]}, "bad_layout"),
    ],
)
def test_a_layout_that_cannot_be_drawn_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_layout(PLAIN.document() | change)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text", ["山茶花精华" * 40, "A very long name of a product " * 12, "x" * 300, "短", "中文 and English，混排。" * 20]
)
def test_text_never_leaves_its_box(text: str) -> None:
    lines, size = fitted(text, 300, 110, 40)
    assert len(lines) * size * 1.3 <= 110 + size and 26 <= size <= 40
    assert all(_font(size).getlength(line) <= 300 + size for line in lines)  # a closing mark may hang over
    assert lines[-1].endswith("…") == (len(text) > 20)
    if len(text) < 20:
        assert lines == [text] and size == 40


def test_words_are_not_broken_where_there_are_spaces() -> None:
    lines, _size = fitted("white hanging heart holder", 300, 200, 40)
    assert " ".join(lines) == "white hanging heart holder" and len(lines) > 1


def test_drawn_once_and_again_when_anything_changed(
    tenant: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tenant_scope(tenant):
        member = add_member(external_id="P1", by=TESTER, now=now)
        put_products(products=[Described("S1", "山茶花精华", "", 29900)], by=TESTER, now=now)
        picture_product(sku="S1", content=jpeg(), by=TESTER, now=now)
        times = []
        monkeypatch.setattr(actions, "draw", lambda *a: times.append(1) or draw(*a))
        ask = {
            "template_id": 1,
            "promoter_id": member.id,
            "link_slug": "ABCDEFG",
            "sku": "S1",
            "language": "zh",
            "site": SITE,
        }
        first = poster(**ask, now=now)  # type: ignore[arg-type]
        assert poster(**ask) == first and len(times) == 1  # type: ignore[arg-type]
        picture_product(sku="S1", content=jpeg("red"), by=TESTER, now=now)
        assert poster(**ask, now=now) != first and len(times) == 2  # type: ignore[arg-type]
        assert poster(**ask | {"language": "en"}, now=now + timedelta(days=31)) != first  # type: ignore[arg-type]
        assert Poster.objects.count() == 1  # those of last month are forgotten
        with pytest.raises(Refusal, match="no product"):
            poster(**ask | {"sku": "S9"})  # type: ignore[arg-type]
        with pytest.raises(Refusal, match="no such template"):
            poster(**ask | {"template_id": 99})  # type: ignore[arg-type]


def test_templates_of_ones_own_stand_before_the_starters(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        mine = put_template(name="Mine", document=PLAIN.document(), by=TESTER, now=now)
        assert [one.id for one in templates()] == [mine.id, *STARTERS]
        put_template(name="Mine", document=PLAIN.document(), used=False, identifier=mine.id, by=TESTER, now=now)
        assert [one.id for one in templates(used_only=True)] == list(STARTERS)
        assert template(mine.id).layout == PLAIN
        with pytest.raises(Refusal, match="no such picture"):
            put_template(name="Mine", document=PLAIN.document() | {"picture": "0" * 64}, by=TESTER, now=now)
        loud = replace(PLAIN, boxes=(*PLAIN.boxes, Box("text", 20, 250, 300, 60, text="全国最好的茶")))
        with pytest.raises(Refusal, match="Box 3"):
            put_template(name="Loud", document=loud.document(), by=TESTER, now=now)
