// Signing in again without leaving the text: by password here, by any other way in a new window.
const LOOK_EVERY = 3_000; // milliseconds, while somebody signs in elsewhere

/** Ask for it. `ask()` says who is signed in; `then(isBack)` is called once, at the end. */
export const signInAgain = (desk, { ask, then }) => {
  const dialog = desk.querySelector("[data-sign-in]");
  const part = (name) => dialog.querySelector(`[data-sign-in-${name}]`);
  const error = part("error");
  let timer = 0;

  const finish = (isBack) => {
    clearInterval(timer);
    part("password").value = "";
    if (dialog.open) dialog.close();
    dialog.onclose = null;
    then(isBack);
  };

  const look = async () => {
    let answer = null;
    try {
      answer = await ask();
    } catch {
      return false; // no connection
    }
    if (!answer) return false;
    if (String(answer.user) === desk.dataset.user) {
      finish(true);
      return true;
    }
    error.textContent = error.dataset.other.replace("{name}", desk.dataset.userName);
    return true;
  };

  const signIn = async () => {
    error.textContent = "";
    const address = desk.dataset.loginUrl;
    try {
      // The page of the sign-in has the token that its form needs.
      const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
      const body = new FormData();
      body.set("csrfmiddlewaretoken", page.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
      body.set("login", part("name").value);
      body.set("password", part("password").value);
      await fetch(address, { method: "POST", body, redirect: "manual" });
    } catch {
      // As below: it did not work.
    }
    if (!(await look())) error.textContent = error.dataset.wrong;
  };

  error.textContent = "";
  part("name").value = desk.dataset.userName;
  part("go").onclick = signIn;
  part("password").onkeydown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // it stands inside the form of the text
    signIn();
  };
  part("later").onclick = () => finish(false);
  dialog.onclose = () => finish(false);
  timer = setInterval(look, LOOK_EVERY);
  dialog.showModal();
  part("password").focus();
};
