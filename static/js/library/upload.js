// Sends the chosen or dropped files one by one and shows how far each is. Without this script
// the form sends them all at once, and the page that comes back says the same.
const form = document.querySelector("form[data-upload]");
const list = document.querySelector("[data-outcomes]");
const ABREAST = 2;
const waiting = [];
let running = 0;

function row(file) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  const state = document.createElement("span");
  name.textContent = file.name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  state.textContent = ` ${form.dataset.sending}`;
  item.append(name, " ", bar, state);
  list.append(item);
  return { item, name, bar, state };
}

function finish(shown, outcome) {
  shown.bar.remove();
  shown.item.className = `upload-${outcome.state}`;
  if (outcome.url) {
    const link = document.createElement("a");
    link.href = outcome.url;
    link.textContent = outcome.name;
    shown.name.replaceWith(link);
  }
  const words = outcome.state === "failed" ? "" : form.dataset[outcome.state];
  shown.state.textContent = `: ${[words, outcome.reason].filter(Boolean).join(". ")}`;
}

function send(file, shown) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.append("files", file);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) shown.bar.value = event.loaded / event.total;
  });
  request.upload.addEventListener("load", () => {
    shown.bar.removeAttribute("value");
    shown.state.textContent = ` ${form.dataset.working}`;
  });
  request.addEventListener("loadend", () => {
    const outcome = request.response?.outcomes?.[0];
    finish(shown, outcome ?? { state: "failed", reason: form.dataset.failed });
    running -= 1;
    next();
  });
  request.send(body);
}

function next() {
  while (running < ABREAST && waiting.length) {
    running += 1;
    send(...waiting.shift());
  }
}

function take(files) {
  for (const file of files) waiting.push([file, row(file)]);
  next();
}

if (form && list) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(form.elements.files.files);
    form.reset();
  });
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("is-over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("is-over");
    take(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => {
    if (running) event.preventDefault();
  });
}
