// What is typed is kept: in this browser within a second, on the server within ten.
import { apply, collect, same } from "./fields.js";
import { offer } from "./offer.js";
import { signInAgain } from "./sign_in.js";

const LOCAL_PAUSE = 800; // milliseconds without a change
const SERVER_PAUSE = 3_000;
const SERVER_LATEST = 8_000; // after the first change that is not kept yet
const RETRY = 5_000;
const SIGN_IN_PAUSE = 120_000; // before somebody who wants to go on typing is asked again
const MAX_AGE = 30 * 24 * 3_600_000; // milliseconds: as long as the server keeps it

export const keepTyping = (desk, form, surface, say) => {
  const { user, kind, object, autosaveUrl } = desk.dataset;
  const key = form.elements.autosave_key.value;
  const space = `inkstone-text:${user}:${kind}:${object || "new"}:`;
  const version = Number(form.elements.opened_version?.value ?? 0);
  let opened = null;
  let localTimer = 0;
  let serverTimer = 0;
  let since = 0; // when the first change was made that the server does not have
  let sending = false;
  let signingIn = false;
  let quietUntil = 0;
  let given = false; // whether this form may be forgotten: it was saved elsewhere

  const now = () => {
    surface.flush();
    return collect(form);
  };

  const writeLocal = (fields, more = {}) => {
    try {
      localStorage.setItem(space + key, JSON.stringify({ key, version, at: Date.now(), fields, ...more }));
      return true;
    } catch {
      // Full or switched off: the server's copy is what is left.
      return false;
    }
  };

  const copies = () => {
    const found = [];
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(space) || name === space + key) continue;
      try {
        const copy = JSON.parse(localStorage.getItem(name));
        if (Date.now() - copy.at > MAX_AGE) localStorage.removeItem(name);
        else found.push({ ...copy, name });
      } catch {
        localStorage.removeItem(name);
      }
    }
    return found.sort((one, other) => other.at - one.at);
  };

  const post = async (entries) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const [name, value] of Object.entries(entries)) body.set(name, value);
    return fetch(autosaveUrl, { method: "POST", body, redirect: "manual" });
  };

  /** Ask who is signed in, and take over their token. The answer, or null for nobody. */
  const ask = async (query = "") => {
    const response = await fetch(`${autosaveUrl}?mine=${key}${query}`, { redirect: "manual" });
    if (!response.ok) return null;
    const answer = await response.json();
    if (String(answer.user) === user) form.elements.csrfmiddlewaretoken.value = answer.token;
    return answer;
  };

  const again = () => {
    clearTimeout(serverTimer);
    serverTimer = setTimeout(send, RETRY);
  };

  const send = async () => {
    clearTimeout(serverTimer);
    if (sending || !since || given) return;
    const fields = now();
    const from = since;
    since = 0;
    sending = true;
    const isLocal = writeLocal(fields);
    try {
      let response = await post({ key, version, fields: JSON.stringify(fields) });
      if (response.status === 403) {
        // A token from before another sign-in: ask for a new one, once.
        const answer = await ask();
        if (answer && String(answer.user) === user) response = await post({ key, version, fields: JSON.stringify(fields) });
        else response = { status: 401 };
      }
      if (response.ok) {
        const answer = await response.json();
        say("kept", new Date(answer.saved_at));
      } else {
        since ||= from;
        if (response.status === 401 || response.type === "opaqueredirect") {
          say(isLocal ? "signedOut" : "nowhere");
          askToSignIn();
        } else {
          say(isLocal ? "offline" : "nowhere");
          again();
        }
      }
    } catch {
      since ||= from;
      say(isLocal ? "offline" : "nowhere");
      again();
    }
    sending = false;
    if (since && !signingIn) plan();
  };

  const plan = () => {
    clearTimeout(serverTimer);
    const latest = since + SERVER_LATEST - Date.now();
    serverTimer = setTimeout(send, Math.max(0, Math.min(SERVER_PAUSE, latest)));
  };

  const askToSignIn = () => {
    if (signingIn) return;
    if (Date.now() < quietUntil) {
      again();
      return;
    }
    signingIn = true;
    signInAgain(desk, {
      ask,
      then: (isBack) => {
        signingIn = false;
        surface.focus();
        if (!isBack) quietUntil = Date.now() + SIGN_IN_PAUSE;
        if (isBack) send();
        else again();
      },
    });
  };

  const changed = (event) => {
    // What is typed into a dialog is not part of the text.
    if (given || event?.target?.closest?.("dialog")) return;
    since ||= Date.now();
    say("typing");
    clearTimeout(localTimer);
    localTimer = setTimeout(() => writeLocal(now()), LOCAL_PAUSE);
    if (!signingIn) plan();
  };

  const forget = (copy) => {
    localStorage.removeItem(space + copy.key);
    post({ key: copy.key, discard: "1" }).catch(() => {});
  };

  /** Look for what was typed before and not saved; the newest that differs is offered. */
  const look = async () => {
    const found = copies();
    let answer = null;
    try {
      answer = await ask(found.map((copy) => `&key=${encodeURIComponent(copy.key)}`).join(""));
    } catch {
      // Without a connection there are the copies of this browser.
    }
    const done = new Set(answer?.done ?? []);
    const open = found.filter((copy) => {
      if (done.has(copy.key) || same(copy.fields, opened)) localStorage.removeItem(copy.name);
      return !done.has(copy.key) && !same(copy.fields, opened);
    });
    const stored = answer?.newest;
    if (stored && !same(stored.fields, opened)) open.push({ ...stored, at: Date.parse(stored.saved_at) });
    const newest = open.sort((one, other) => other.at - one.at)[0];
    if (!newest) return;
    offer(desk, newest, now(), {
      take: () => {
        apply(form, newest.fields, surface);
        changed();
        forget(newest);
      },
      drop: () => forget(newest),
    });
  };

  const start = () => {
    opened = now();
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    // Django's autocompletes tell jQuery only.
    window.django?.jQuery(form).on("change", changed);
    surface.onChange(changed);
    form.addEventListener("submit", (event) => {
      surface.flush();
      // The preview is asked for without leaving.
      if (event.submitter?.hasAttribute("data-preview-button")) return;
      clearTimeout(serverTimer);
      if (since) writeLocal(now());
      given = true;
    });
    // Back from a save that did not happen, through the browser's history.
    addEventListener("pageshow", () => {
      given = false;
    });
    const hold = () => {
      if (since && !given) writeLocal(now());
    };
    addEventListener("pagehide", hold);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") hold();
    });
    addEventListener("online", () => since && send());
    look();
    if ("refused" in desk.dataset) changed();
  };

  // After Django's own scripts have filled in what they fill in.
  if (document.readyState === "complete") start();
  else addEventListener("load", () => setTimeout(start));
  return { changed };
};
