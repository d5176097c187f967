"""How every page looks: nothing wider than the phone, text that can be read in both themes, targets a thumb can hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.interfaces import samples, samples_public

if TYPE_CHECKING:
    from tests.e2e.conftest import Open

PAGES = [f"/console/page/{name}" for name in samples.CONSOLE] + [f"/portal/page/{name}" for name in samples.PORTAL]
PAGES += [f"/public/page/{name}" for name in samples_public.PUBLIC]

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FAINT = """() => {
  const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pixel.clearRect(0, 0, 1, 1); pixel.fillStyle = colour; pixel.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !element.checkVisibility() || element.closest("script, progress, .skip, .sr-only, dialog:not([open]), :disabled")) continue;
    const style = getComputedStyle(element);
    const paper = behind(element);
    const [a, b] = [light(over(rgba(style.color), paper)), light(paper)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 600);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${text.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return [...new Set(faint)];
}"""
SETTLED = "new Promise((done) => setTimeout(() => requestAnimationFrame(done), 60))"
SMALL = """() => [...document.querySelectorAll("a, button, input, summary")]
  .filter((one) => one.checkVisibility() && !one.closest(".skip, .modal, label.check") && one.type !== "hidden")
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.height < 36 || box.width < 36)
  .map(([one, box]) => `${one.textContent.trim().slice(0, 20)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
LOW = """() => [...document.querySelectorAll(".rooms a, .earning, .tabs-line a, .btn, .input")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
  .map((one) => `${one.textContent.trim().slice(0, 20)} ${Math.round(one.getBoundingClientRect().height)}`)"""


@pytest.mark.parametrize("face", ["console", "portal", "public"])
def test_pages_fit_and_can_be_read(visit: Open, gallery: str, face: str) -> None:
    page = visit(width=360)
    wrong = []
    for path in (path for path in PAGES if path.startswith(f"/{face}/")):
        for language in ("en", "zh-hans"):
            page.context.add_cookies([{"name": "django_language", "value": language, "url": gallery}])
            page.set_viewport_size({"width": 360, "height": 800})
            page.goto(gallery + path, wait_until="domcontentloaded")
            for width in (360, 1440):
                page.set_viewport_size({"width": width, "height": 800})
                if page.evaluate(WIDER) > 0:
                    wrong.append(f"{path} is too wide at {width} in {language}")
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.evaluate(SETTLED)
            wrong += [f"{path} {theme}: {faint}" for faint in page.evaluate(FAINT)]
    assert wrong == [], "\n".join(wrong)


def test_a_thumb_hits_what_it_aims_at(visit: Open, gallery: str) -> None:
    page = visit(width=360)
    wrong = []
    for name in samples.PORTAL:
        page.goto(f"{gallery}/portal/page/{name}", wait_until="load")
        wrong += [f"{name}: {one}" for one in (*page.evaluate(LOW), *page.evaluate(SMALL))]
    assert wrong == [], "\n".join(wrong)


def test_the_keyboard_sees_where_it_is(visit: Open, gallery: str) -> None:
    page = visit()
    page.goto(f"{gallery}/console/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_every_asset_comes_from_here(visit: Open, gallery: str) -> None:
    page = visit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{gallery}/console/", wait_until="networkidle")
    assert asked and all(url.startswith((gallery, "data:", "blob:")) for url in asked)
