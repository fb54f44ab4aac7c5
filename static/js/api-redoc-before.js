// ReDoc writes its styles into <style> elements without asking for a nonce, and shows its maker's
// logo from another host. Both would be refused by the policy of this page, and the logo would
// tell that host who reads: the styles get our nonce, the logo is not asked for.
"use strict";

(() => {
  const nonce = document.currentScript.nonce;
  const create = document.createElement.bind(document);
  document.createElement = (name, options) => {
    const element = create(name, options);
    if (name.toLowerCase() === "style") {
      element.nonce = nonce;
    }
    return element;
  };
  const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  // What is not asked for has failed: ReDoc then shows nothing in its place.
  const isOurs = (image, address) => {
    const ours = new URL(address, location.href).origin === location.origin;
    if (!ours) {
      setTimeout(() => image.dispatchEvent(new Event("error")));
    }
    return ours;
  };
  Object.defineProperty(HTMLImageElement.prototype, "src", {
    ...source,
    set(address) {
      if (isOurs(this, address)) {
        source.set.call(this, address);
      }
    },
  });
  const setAttribute = HTMLImageElement.prototype.setAttribute;
  HTMLImageElement.prototype.setAttribute = function (name, value) {
    if (name !== "src" || isOurs(this, value)) {
      setAttribute.call(this, name, value);
    }
  };
})();
