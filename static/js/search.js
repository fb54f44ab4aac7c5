// Results while one types, and arrow keys among them. The page works the same without.
const form = document.querySelector("[data-search-form]");
const field = form.querySelector("input[name=q]");
const PAUSE = 200; // milliseconds without a key before the server is asked
let timer = 0;
let asking = null;

const results = () => document.querySelector("[data-search-results]");

const show = async () => {
  const query = field.value.trim();
  asking?.abort();
  asking = new AbortController();
  const address = query ? `${form.action}?${new URLSearchParams({ q: query })}` : form.action;
  try {
    const response = await fetch(address, { signal: asking.signal });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-search-results]");
    const status = results().querySelector("[role=status]");
    const said = fresh.querySelector("[role=status]");
    // The same element with another text is what screen readers announce.
    if (status && said) {
      status.textContent = said.textContent;
      said.replaceWith(status);
    }
    results().replaceChildren(...fresh.childNodes);
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
  const stops = [field, ...document.querySelectorAll("[data-hit]")];
  const place = stops.indexOf(document.activeElement);
  const next = stops[place + (event.key === "ArrowDown" ? 1 : -1)];
  if (place === -1 || !next || event.isComposing) return;
  event.preventDefault();
  next.focus();
});
