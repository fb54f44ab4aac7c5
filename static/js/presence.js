// Tells the server that this text is open, and shows who else has it open (blog/presence.py).
const notice = document.querySelector("[data-presence]");
const BEAT = 15_000; // milliseconds, as blog.presence.HEARTBEAT_SECONDS

async function beat() {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  try {
    const answer = await fetch(notice.dataset.presence, {
      method: "POST",
      headers: { "X-CSRFToken": token },
      redirect: "error",
    });
    if (!answer.ok) return;
    const { notice: text } = await answer.json();
    if (notice.textContent !== text) notice.textContent = text;
  } catch {
    // No network, or signed out: the next beat tries again.
  }
}

if (notice) setInterval(beat, BEAT);
