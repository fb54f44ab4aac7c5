// Links to one's own posts, pictures and videos of the library, found by their words; uploads.
const PAUSE = 250; // milliseconds without a key
const MAX = 12;

const MOVING = /^video\//;
const MOVING_NAME = /\.(mkv|mov)$/i; // which some browsers know no type for

const isVideo = (file) => MOVING.test(file.type) || MOVING_NAME.test(file.name ?? "");

const inBrackets = (text) => text.replace(/[[\]\\]/g, "\\$&");

/** A path on this site where `address` is one: texts outlive the name of a host. */
const local = (address) => {
  const url = new URL(address, location.origin);
  return /^https?:$/.test(url.protocol) && url.pathname.startsWith("/media/") ? url.pathname : address;
};

export const openPickers = (desk, form, surface, say) => {
  const { mediaUrl, postsUrl, videosUrl } = desk.dataset;
  const dialog = desk.querySelector("[data-picker]");
  const part = (name) => dialog.querySelector(`[data-picker-${name}]`);
  const query = part("query");
  const picks = dialog.querySelector("[data-picks]");
  let kind = "link";
  let timer = 0;
  let chosen = "";

  // A video is written as an image is.
  const insertMedia = (thing) => {
    const alt = thing.decorative ? "" : thing.alt;
    surface.insert(`![${inBrackets(alt)}](${local(thing.url)})`, { block: true });
  };

  const insertLink = (address, title) => {
    surface.insert(`[${chosen || inBrackets(title)}](${address.replaceAll(" ", "%20").replaceAll(")", "%29")})`);
  };

  const upload = async (files) => {
    for (const file of files) {
      say("uploading");
      const body = new FormData();
      body.set("file", file, file.name || "image.png");
      const address = isVideo(file) ? videosUrl : mediaUrl;
      try {
        const token = form.elements.csrfmiddlewaretoken.value;
        const response = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
        const answer = await response.json();
        if (!response.ok) {
          say("failed", answer.errors?.map?.((error) => error.detail ?? error.message).join(" ") || answer.detail);
          continue;
        }
        insertMedia(answer);
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

  const ask = async (base, words) => {
    const parameters = new URLSearchParams({ page_size: MAX });
    if (words) parameters.set("search", words);
    try {
      const response = await fetch(`${base}?${parameters}`, { headers: { Accept: "application/json" } });
      return response.ok ? ((await response.json()).results ?? []) : [];
    } catch {
      return [];
    }
  };

  const pickPost = (post) => pick(post.title, "", () => insertLink(new URL(post.url, location.origin).pathname, post.title));

  const pickMedia = (thing) => {
    const small = thing.renditions?.find((rendition) => rendition.media_type === "image/webp");
    const source = thing.renditions ? (small ?? thing).url : thing.poster;
    const name = thing.alt || thing.name;
    const label = thing.renditions ? name : picks.dataset.video.replace("{name}", name);
    return pick(label, source ? local(source) : "", () => insertMedia(thing));
  };

  const look = async () => {
    const words = query.value.trim();
    const asked = kind === "image" ? [mediaUrl, videosUrl] : [postsUrl];
    const answers = await Promise.all(asked.map((base) => ask(base, words)));
    if (words !== query.value.trim()) return; // typed on meanwhile
    const things = answers.flat();
    // Both kinds together, the newest first, as the library has them.
    if (kind === "image") things.sort((one, other) => other.created_at.localeCompare(one.created_at));
    const found = things.map(kind === "image" ? pickMedia : pickPost);
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

/** The pictures and videos in what is pasted or dropped. */
export const mediaIn = (transfer) => [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/") || isVideo(file));
