// How the text looks in a search result and as a shared link: the head of the preview, drawn.
const meta = (page, name) => page.querySelector(`meta[name="${name}"], meta[property="${name}"]`)?.content ?? "";

export const showSharing = (desk, page) => {
  const box = desk.querySelector("[data-sharing]");
  if (!box || !meta(page, "og:title")) return;
  const address = page.querySelector('link[rel="canonical"]')?.href ?? "";
  const put = (name, text) => {
    for (const place of box.querySelectorAll(`[data-found-${name}]`)) place.textContent = text;
  };
  put("title", page.title);
  put("description", meta(page, "description"));
  put("address", decodeURI(address));
  put("site", meta(page, "og:site_name"));
  const image = box.querySelector("[data-found-image]");
  const source = meta(page, "og:image");
  image.hidden = !source;
  // By its path: the policy of the page knows this site only.
  if (source) image.src = new URL(source).pathname;
  box.hidden = false;
};
