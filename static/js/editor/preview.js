// The page as the server makes it, beside the text, some moments after each change.
const PAUSE = 700; // milliseconds without a change

export const openPreview = (desk, form, { flush, onLoad }) => {
  const pane = desk.querySelector("[data-desk-preview]");
  const frame = pane.querySelector("iframe");
  let timer = 0;
  let asking = null;

  const show = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    // The frame runs no scripts; the scheme is the one chosen for the admin.
    for (const script of page.querySelectorAll("script")) script.remove();
    const theme = document.documentElement.dataset.theme;
    if (theme === "light" || theme === "dark") page.documentElement.dataset.scheme = theme;
    onLoad(page);
    const now = frame.contentDocument;
    if (frame.dataset.filled && now?.body && sheets(now) === sheets(page)) {
      // The same page with another text: it stays where the reader is.
      now.documentElement.lang = page.documentElement.lang;
      now.documentElement.dir = page.documentElement.dir;
      now.title = page.title;
      now.body.replaceChildren(...page.body.childNodes);
    } else {
      frame.dataset.filled = "1";
      frame.srcdoc = `<!doctype html>${page.documentElement.outerHTML}`;
    }
  };

  const load = async () => {
    clearTimeout(timer);
    flush();
    asking?.abort();
    asking = new AbortController();
    try {
      const data = new FormData(form);
      const response = await fetch(desk.dataset.previewUrl, { method: "POST", body: data, signal: asking.signal, redirect: "manual" });
      if (response.type !== "opaqueredirect" && (response.ok || response.status === 400)) show(await response.text());
    } catch (error) {
      // Without a connection the last preview stays.
      if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
    }
  };

  // Links lead out of the frame.
  frame.addEventListener("load", () => {
    frame.contentDocument?.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (!link || link.getAttribute("href").startsWith("#")) return;
      event.preventDefault();
      window.open(link.href, "_blank", "noopener");
    });
  });

  return {
    load,
    soon: () => {
      clearTimeout(timer);
      if (desk.classList.contains("has-preview")) timer = setTimeout(load, PAUSE);
    },
    toggle: () => {
      const on = desk.classList.toggle("has-preview");
      pane.hidden = !on;
      if (on) load();
      return on;
    },
  };
};

const sheets = (page) => [...page.querySelectorAll('link[rel="stylesheet"]')].map((link) => link.getAttribute("href")).join(" ");
