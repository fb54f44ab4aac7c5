// Links to one's own posts and pictures of the library, found by their words; uploads.
const PAUSE = 250; // milliseconds without a key
const MAX = 12;

const inBrackets = (text) => text.replace(/[[\]\\]/g, "\\$&");

/** A path on this site where `address` is one: texts outlive the name of a host. */
const local = (address) => {
  const url = new URL(address, location.origin);
  return /^https?:$/.test(url.protocol) && url.pathname.startsWith("/media/") ? url.pathname : address;
};

export const openPickers = (desk, form, surface, say) => {
  const { mediaUrl, postsUrl } = desk.dataset;
  const dialog = desk.querySelector("[data-picker]");
  const part = (name) => dialog.querySelector(`[data-picker-${name}]`);
  const query = part("query");
  const picks = dialog.querySelector("[data-picks]");
  let kind = "link";
  let timer = 0;
  let chosen = "";

  const insertImage = (image) => {
    const alt = image.decorative ? "" : image.alt;
    surface.insert(`![${inBrackets(alt)}](${local(image.url)})`, { block: true });
  };

  const insertLink = (address, title) => {
    surface.insert(`[${chosen || inBrackets(title)}](${address.replaceAll(" ", "%20").replaceAll(")", "%29")})`);
  };

  const upload = async (files) => {
    for (const file of files) {
      say("uploading");
      const body = new FormData();
      body.set("file", file, file.name || "image.png");
      try {
        const token = form.elements.csrfmiddlewaretoken.value;
        const response = await fetch(mediaUrl, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
        const answer = await response.json();
        if (!response.ok) {
          say("failed", answer.errors?.map?.((error) => error.detail ?? error.message).join(" ") || answer.detail);
          continue;
        }
        insertImage(answer);
        say("uploaded");
      } catch {
        say("failed");
      }
    }
  };

  const pick = (label, source, use) => {
    const button = document.createElement("button");
    button.type = "button";
    if (source) button.append(Object.assign(new Image(), { src: source, alt: "", loading: "lazy" }));
    button.append(label);
    button.addEventListener("click", () => {
      dialog.close();
      use();
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  };

  const look = async () => {
    const words = query.value.trim();
    const base = kind === "image" ? mediaUrl : postsUrl;
    const parameters = new URLSearchParams({ page_size: MAX });
    if (words) parameters.set("search", words);
    let answer;
    try {
      const response = await fetch(`${base}?${parameters}`, { headers: { Accept: "application/json" } });
      answer = response.ok ? await response.json() : { results: [] };
    } catch {
      answer = { results: [] };
    }
    const found = (answer.results ?? []).map((thing) => {
      if (kind === "image") {
        const small = thing.renditions.find((rendition) => rendition.media_type === "image/webp");
        return pick(thing.alt || thing.name, local((small ?? thing).url), () => insertImage(thing));
      }
      return pick(thing.title, "", () => insertLink(new URL(thing.url, location.origin).pathname, thing.title));
    });
    if (found.length) picks.replaceChildren(...found);
    else picks.replaceChildren(Object.assign(document.createElement("li"), { textContent: picks.dataset.none }));
  };

  const open = (what) => () => {
    kind = what;
    chosen = surface.selected();
    for (const name of ["title", "label"]) part(name).textContent = part(name).dataset[kind];
    part("upload").hidden = kind !== "image";
    part("use").hidden = kind === "image";
    query.value = /^(https?:|\/)/.test(chosen) ? chosen : "";
    picks.replaceChildren();
    dialog.showModal();
    query.focus();
    look();
    return true;
  };

  const use = () => {
    if (!query.value.trim()) return;
    dialog.close();
    insertLink(query.value.trim(), query.value.trim());
  };

  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  query.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // it stands inside the form of the text
    if (kind === "link" && /^(https?:|mailto:|\/|#)/.test(query.value.trim())) use();
    else look();
  });
  part("use").addEventListener("click", use);
  part("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => surface.focus());
  part("file").addEventListener("change", () => {
    const files = [...part("file").files];
    part("file").value = "";
    dialog.close();
    upload(files);
  });
  return { link: open("link"), image: open("image"), upload };
};

/** The pictures in what is pasted or dropped. */
export const picturesIn = (transfer) => [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));
