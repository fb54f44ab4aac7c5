// The writing screen: the form of a post or page with an editor, a preview, and nothing lost.
// Without this file it is a plain form.
import { count } from "./count.js";
import { keepTyping } from "./keep.js";
import { nameParts } from "./names.js";
import { pasting } from "./paste.js";
import { mediaIn, openPickers } from "./picker.js";
import { openPreview } from "./preview.js";
import { showSharing } from "./sharing.js";
import { openSurface, prefix, wrap } from "./surface.js";

const COUNT_PAUSE = 300; // milliseconds without a change
const ROUTINE = new Set(["typing", "kept"]); // said every few seconds: shown, not spoken
const LIST = /^\s*[-*+]\s+/;
const NUMBERS = /^\s*\d+[.)]\s+/;

/** One stop for Tab; arrows lead from tool to tool, as screen readers say of a toolbar. */
const rove = (tools) => {
  const buttons = [...tools.querySelectorAll("[data-tool]")];
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  const stopAt = (button) => {
    for (const each of buttons) each.tabIndex = each === button ? 0 : -1;
  };
  stopAt(buttons[0]);
  tools.addEventListener("focusin", ({ target }) => buttons.includes(target) && stopAt(target));
  tools.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const isEnd = event.key === "Home" || event.key === "End";
    if (at < 0 || !(isEnd || event.key in steps)) return;
    event.preventDefault();
    const step = steps[event.key] * (getComputedStyle(tools).direction === "rtl" ? -1 : 1);
    const next = isEnd ? (event.key === "Home" ? 0 : -1) : (at + step) % buttons.length;
    buttons.at(next).focus();
  });
};

/** How much of the window `above` and `below` cover while they stick to its edges. */
const watchEdges = (above, below) => {
  const edges = { top: 0, bottom: 0 };
  const height = (element) => (element && getComputedStyle(element).position === "sticky" ? element.offsetHeight : 0);
  const measure = () => Object.assign(edges, { top: height(above), bottom: height(below) });
  const observer = new ResizeObserver(measure);
  for (const element of [above, below]) if (element) observer.observe(element);
  addEventListener("resize", measure);
  return () => edges;
};

const open = (desk, textarea) => {
  const { form } = textarea;
  const tools = desk.querySelector("[data-tools]");
  const state = tools.querySelector("[data-state]");
  const spoken = tools.querySelector("[data-spoken]");
  let wasRoutine = true;
  let pickers = null;
  let preview = null;
  let countTimer = 0;

  const say = (what, detail) => {
    let text = state.dataset[what];
    if (detail instanceof Date) {
      text = text.replace("{time}", detail.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" }));
    } else if (detail) text = `${text}: ${detail}`;
    if (state.textContent !== text) state.textContent = text;
    // That all is well again is spoken once.
    const isRoutine = ROUTINE.has(what);
    if (!isRoutine || (!wasRoutine && what === "kept")) spoken.textContent = text;
    if (what !== "typing") wasRoutine = isRoutine;
  };

  const commands = {
    bold: wrap("**"),
    italic: wrap("*"),
    code: wrap("`"),
    heading: prefix(() => "## ", /^#{1,6}\s+/),
    quote: prefix(() => "> ", /^>\s?/),
    list: prefix(() => "- ", LIST),
    numbers: prefix((number) => `${number}. `, NUMBERS),
    link: () => pickers.link(),
    image: () => pickers.image(),
  };
  const files = (pick) => (event) => {
    const found = mediaIn(pick(event));
    if (!found.length) return false;
    event.preventDefault();
    pickers.upload(found);
    return true;
  };
  const togglePreview = () => {
    const on = preview.toggle();
    tools.querySelector("[data-preview-switch]").setAttribute("aria-pressed", String(on));
    return true;
  };
  const surface = openSurface(textarea, {
    nonce: desk.dataset.nonce,
    covered: watchEdges(tools, form.querySelector(".submit-row")),
    keys: [
      { key: "Mod-b", run: commands.bold },
      { key: "Mod-i", run: commands.italic },
      { key: "Mod-e", run: commands.code },
      { key: "Mod-k", run: commands.link },
      { key: "Mod-Alt-2", run: commands.heading },
      { key: "Mod-Shift-9", run: commands.quote },
      { key: "Mod-Shift-8", run: commands.list },
      { key: "Mod-Shift-7", run: commands.numbers },
      { key: "Mod-Shift-p", run: togglePreview },
      { key: "Mod-s", run: () => (form.querySelector("[name=_continue]")?.click(), true) },
    ],
    handlers: { paste: pasting(files((event) => event.clipboardData)), drop: files((event) => event.dataTransfer) },
  });
  pickers = openPickers(desk, form, surface, say);
  preview = openPreview(desk, form, { flush: surface.flush, onLoad: (page) => showSharing(desk, page) });

  for (const button of tools.querySelectorAll("[data-tool]")) {
    button.addEventListener("click", () => commands[button.dataset.tool](surface.view));
  }
  tools.querySelector("[data-preview-switch]").addEventListener("click", togglePreview);
  const shown = form.querySelector("[data-preview-button]");
  if (shown) shown.hidden = true; // it is for who has no scripts

  const counted = tools.querySelector("[data-count]");
  const recount = () => {
    const { words, minutes } = count(surface.text());
    const text = minutes === 1 ? counted.dataset.one : counted.dataset.many;
    counted.textContent = text.replace("{words}", words.toLocaleString(document.documentElement.lang)).replace("{minutes}", minutes);
  };
  surface.onChange(() => {
    clearTimeout(countTimer);
    countTimer = setTimeout(recount, COUNT_PAUSE);
    preview.soon();
  });
  form.addEventListener("input", preview.soon);
  form.addEventListener("change", preview.soon);
  recount();
  rove(tools);
  textarea.before(tools);
  tools.hidden = false;
  keepTyping(desk, form, surface, say);
  // How it is found and shared stands among the settings from the start.
  if (surface.text()) preview.load();
  window.django?.jQuery(form).on("change", preview.soon);
  if (document.readyState === "complete") nameParts(form);
  else addEventListener("load", () => setTimeout(() => nameParts(form)));
};

const desk = document.querySelector("[data-desk]");
const textarea = desk?.querySelector("textarea[name=body]");
if (textarea) open(desk, textarea);
