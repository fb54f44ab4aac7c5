// Light, dark, or as the system: remembered by this browser only, never sent anywhere.
// Loaded before the page is painted, so that it never flashes in the wrong colours.
(() => {
  const schemes = ["auto", "light", "dark"];
  const root = document.documentElement;
  let scheme = "auto";
  try {
    scheme = localStorage.getItem("scheme") || "auto";
  } catch {
    // Storage may be switched off: the choice then lasts as long as the page.
  }
  const show = () => {
    if (scheme === "auto") delete root.dataset.scheme;
    else root.dataset.scheme = scheme;
  };
  if (!schemes.includes(scheme)) scheme = "auto";
  show();
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-scheme-switch]")) {
      button.hidden = false;
      button.textContent = button.dataset[scheme];
      button.addEventListener("click", () => {
        scheme = schemes[(schemes.indexOf(scheme) + 1) % schemes.length];
        try {
          localStorage.setItem("scheme", scheme);
        } catch {
          // As above.
        }
        show();
        button.textContent = button.dataset[scheme];
      });
    }
  });
})();
