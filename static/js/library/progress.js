// Shows how far the videos on this page are. Without this script a reload shows it.
const ASK_EVERY = 3_000; // milliseconds
const bars = new Map();
for (const bar of document.querySelectorAll("progress[data-video]")) {
  bars.set(bar.dataset.video, bar);
}

async function ask() {
  const list = window.location.pathname.replace(/video\/.*$/, "video/");
  const answer = await fetch(`${list}progress/?ids=${[...bars.keys()].join(",")}`);
  if (!answer.ok) return;
  const told = await answer.json();
  for (const [key, bar] of bars) {
    const said = told[key];
    if (!said) {
      // It took the place of another, or is deleted.
      if (bar.dataset.gone) bar.parentElement.querySelector("span").textContent = bar.dataset.gone;
      bar.remove();
      bars.delete(key);
      continue;
    }
    bar.value = said.progress;
    bar.parentElement.querySelector("span").textContent = said.words;
    if (said.state === "ready" || said.state === "failed") {
      bar.remove();
      bars.delete(key);
    }
  }
}

async function watch() {
  try {
    await ask();
  } catch {
    // No connection: the next question may get through.
  }
  if (bars.size) setTimeout(watch, ASK_EVERY);
}

if (bars.size) setTimeout(watch, ASK_EVERY);
