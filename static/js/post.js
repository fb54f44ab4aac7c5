// What a text is easier to use with. The page says the same without any of it.
const SHOWN_FOR = 2500; // milliseconds that a button says what it did
const READING_LINE = 0.3; // of the window: the part whose heading passed it is being read

const tell = (button) => {
  const label = button.textContent;
  if (label === button.dataset.done) return;
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = label), SHOWN_FOR);
};

// --- copy a block of code, break its long lines ---------------------------------------------
const tools = document.querySelector("[data-code-tools]");
if (tools) {
  for (const code of document.querySelectorAll(".prose pre")) {
    const block = document.createElement("div");
    block.className = "code-block";
    code.replaceWith(block);
    block.append(code, tools.content.cloneNode(true));
    const copy = block.querySelector("[data-copy]");
    const wrap = block.querySelector("[data-wrap]");
    // Browsers give the clipboard to pages with TLS only.
    if (!navigator.clipboard) copy.remove();
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent.replace(/\n$/, ""));
      tell(copy);
    });
    wrap.addEventListener("click", () => {
      const wrapped = code.classList.toggle("wrapped");
      wrap.setAttribute("aria-pressed", wrapped);
    });
  }
}

// --- share by the sheet of the device; where it has none, copy the address ------------------
const share = document.querySelector("[data-share]");
if (share && (navigator.share || navigator.clipboard)) {
  const url = document.querySelector("link[rel=canonical]")?.href ?? location.href;
  share.hidden = false;
  share.addEventListener("click", async () => {
    try {
      if (navigator.share) {
        await navigator.share({ title: share.dataset.share, url });
      } else {
        await navigator.clipboard.writeText(url);
        tell(share);
      }
    } catch (error) {
      if (error.name !== "AbortError") throw error; // closed without choosing
    }
  });
}

// --- mark the part that is read in the contents ---------------------------------------------
const contents = document.querySelector(".toc");
if (contents) {
  const parts = [...contents.querySelectorAll("a")]
    .map((link) => ({ link, heading: document.getElementById(decodeURIComponent(link.hash.slice(1))) }))
    .filter(({ heading }) => heading);
  let current = null;
  let waiting = false;
  const mark = () => {
    waiting = false;
    const line = innerHeight * READING_LINE;
    const passed = parts.filter(({ heading }) => heading.getBoundingClientRect().top < line);
    const link = passed.at(-1)?.link ?? null;
    if (link === current) return;
    current?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "location");
    current = link;
    if (link && contents.scrollHeight > contents.clientHeight) {
      contents.scrollTop = link.offsetTop - contents.clientHeight / 2;
    }
  };
  const soon = () => {
    if (!waiting) requestAnimationFrame(mark);
    waiting = true;
  };
  addEventListener("scroll", soon, { passive: true });
  addEventListener("resize", soon, { passive: true });
  mark();
}
