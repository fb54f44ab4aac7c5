"""How long a key takes to be seen in the editor; measured, and no test: its name is not collected.

    .venv/bin/python -m pytest -n0 -s tests/browser/measure_keys.py

From the key's own event to the frame that shows its letter: a task that runs right after the frame
in which the change was painted. Beside it what the browser itself says of its key events (Event
Timing), which counts from the press of the key, in steps of 8 ms.
"""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP
from tests.browser.test_writing import body, change, enter

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
LENGTH = 100_000  # characters
KEYS = 300
PAUSE = 60  # milliseconds between two keys: some 190 words a minute
PARAGRAPH = (
    "Ink is *black*, mostly, and [dries](https://example.org/slowly) **slowly**; `soot` and glue "
    "were its parts for two thousand years, as every scribe could tell who had to grind it.\n\n"
    "## How it was made\n\n- soot of pine\n- glue of hides\n\n> Said of old.\n\n"
)
WATCH = """
() => {
  window.seen = { shown: [], said: [] };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if (entry.name === "keydown") window.seen.said.push(entry.duration);
  }).observe({ type: "event", durationThreshold: 16 });
  document.addEventListener("keydown", () => {
    const start = performance.now();
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.seen.shown.push(performance.now() - start);
      channel.port2.postMessage(null);
    });
  }, true);
}
"""


def share(times: list[float], percent: int) -> float:
    """Below which `percent` of the times are."""
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]


@pytest.mark.parametrize("place", ["end", "beginning"])
def test_keys_in_a_long_text(page: Page, context, eve, make_post, place):
    text = (PARAGRAPH * (LENGTH // len(PARAGRAPH) + 1))[:LENGTH]
    post = make_post(author=eve, draft=True, body=text)
    enter(context, eve)
    page.set_viewport_size(DESKTOP)
    page.goto(change(post))
    body(page).click()
    page.keyboard.press("Control+End" if place == "end" else "Control+Home")
    page.keyboard.type("Warm ", delay=PAUSE)
    page.wait_for_timeout(3_000)  # what opening the page costs is another matter
    page.evaluate(WATCH)
    typed = ("the quick brown fox jumps over the lazy dog " * KEYS)[:KEYS]
    page.keyboard.type(typed, delay=PAUSE)
    while page.evaluate("window.seen.shown.length") < KEYS:
        page.wait_for_timeout(100)
    times, said = page.evaluate("[window.seen.shown, window.seen.said]")
    print(
        f"\nat the {place} of {LENGTH} characters, {len(times)} keys: median "
        f"{share(times, 50):.1f} ms, p95 {share(times, 95):.1f} ms, p99 {share(times, 99):.1f} ms, "
        f"worst {max(times):.1f} ms; slower than 16 ms by Event Timing: {len(said)}, "
        f"the worst {max(said, default=0):.0f} ms"
    )
    assert len(times) == KEYS
