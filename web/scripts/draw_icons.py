"""Draws `public/icon.svg` as the PNG files that phones and desktops ask for.

Run it with a Python that has Playwright, from the folder `web`, after a change of the picture.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

PUBLIC = Path(__file__).parent.parent / "public"
GROUND = "#0e1416"
# The name, the size, and how much of it the picture fills. A phone cuts a maskable icon to a shape
# of its own and rounds the corners of its own ones, so these two have a ground to the edge.
ICONS = [
    ("icon-192", 192, 1.0, None),
    ("icon-512", 512, 1.0, None),
    ("icon-maskable", 512, 0.72, GROUND),
    ("apple-touch-icon", 180, 0.88, GROUND),
]


def main() -> None:
    picture = (PUBLIC / "icon.svg").read_text()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for name, size, share, ground in ICONS:
            page.set_viewport_size({"width": size, "height": size})
            page.set_content(
                f"<style>body {{ margin: 0; height: 100vh; display: grid; place-content: center;"
                f" background: {ground or 'transparent'} }}"
                f" svg {{ display: block; width: {size * share}px }}</style>{picture}"
            )
            page.screenshot(path=PUBLIC / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
