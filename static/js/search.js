// Results while one types, and arrow keys among them. The page works the same without.
const form = document.querySelector("[data-search-form]");
const field = form.querySelector("input[name=q]");
const PAUSE = 200; // milliseconds without a key before the server is asked
let timer = 0;
let asking = null;

const results = document.querySelector("[data-search-results]");
// Stays where it is, and only its text changes: that is what screen readers announce.
const status = document.querySelector("[data-search-status]");

const hits = () => [...document.querySelectorAll("[data-hit]")];

const show = async () => {
  const query = field.value.trim();
  asking?.abort();
  asking = new AbortController();
  const address = query ? `${form.action}?${new URLSearchParams({ q: query })}` : form.action;
  try {
    const response = await fetch(address, { signal: asking.signal });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const place = hits().indexOf(document.activeElement);
    results.replaceChildren(...page.querySelector("[data-search-results]").childNodes);
    if (place !== -1) (hits()[place] ?? field).focus();
    status.textContent = page.querySelector("[data-search-status]").textContent;
    history.replaceState(null, "", address);
    document.title = page.title;
  } catch (error) {
    if (error.name !== "AbortError") form.submit();
  }
};

field.addEventListener("input", (event) => {
  clearTimeout(timer);
  if (!event.isComposing) timer = setTimeout(show, PAUSE);
});
field.addEventListener("compositionend", () => {
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [field, ...hits()];
  const place = stops.indexOf(document.activeElement);
  const next = stops[place + (event.key === "ArrowDown" ? 1 : -1)];
  if (place === -1 || !next || event.isComposing) return;
  event.preventDefault();
  next.focus();
});
