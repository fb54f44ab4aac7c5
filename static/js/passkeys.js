// Makes passkeys (data-passkey="create") and asks for them ("get"), for the forms that want one.
// The page works without: where WebAuthn is missing, these forms stay hidden.

const decode = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

/** The server's options with bytes where WebAuthn wants bytes. */
function readable(options) {
  const key = { ...options.publicKey, challenge: decode(options.publicKey.challenge) };
  const ids = (list) => list?.map((one) => ({ ...one, id: decode(one.id) }));
  if (key.user) key.user = { ...key.user, id: decode(key.user.id) };
  if (key.excludeCredentials) key.excludeCredentials = ids(key.excludeCredentials);
  if (key.allowCredentials) key.allowCredentials = ids(key.allowCredentials);
  return { publicKey: key };
}

/** What the browser gave, as text that a form can carry. */
function sendable(credential) {
  const response = {};
  for (const name of [
    "clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle",
  ]) {
    if (credential.response[name]) response[name] = encode(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
}

async function optionsOf(form) {
  if (form.dataset.options) {
    return JSON.parse(document.getElementById(form.dataset.options).textContent);
  }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return (await answer.json()).request_options;
}

async function ask(form) {
  const options = readable(await optionsOf(form));
  if (form.dataset.passkey === "get") return navigator.credentials.get(options);
  const alone = form.elements.passwordless?.checked;
  options.publicKey.authenticatorSelection = {
    ...options.publicKey.authenticatorSelection,
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: Boolean(alone),
    ...(alone ? { userVerification: "required" } : {}),
  };
  return navigator.credentials.create(options);
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const error = form.querySelector("[data-passkey-error]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.hidden = true;
    try {
      form.elements.credential.value = sendable(await ask(form));
      form.submit();
    } catch {
      // Cancelled, timed out, or no passkey for this site: browsers do not tell which.
      error.hidden = false;
    }
  });
}
