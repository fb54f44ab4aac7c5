// A text that was typed and not saved, beside what the form holds. It is never put in unasked.
import { compare } from "./diff.js";
import { differs, shown } from "./fields.js";

const AROUND = 2; // lines that are the same, shown before and after each change

export const offer = (desk, copy, current, { take, drop }) => {
  const box = desk.querySelector("[data-offer]");
  const when = box.querySelector("[data-offer-when]");
  when.textContent = when.dataset.words.replace("{time}", new Date(copy.at).toLocaleString(document.documentElement.lang));
  const list = box.querySelector("[data-offer-diff]");
  list.replaceChildren();
  for (const name of Object.keys(copy.fields.values)) {
    if (/-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$/.test(name) || !differs(copy.fields, current, name)) continue;
    const heading = document.createElement("h3");
    heading.textContent = labelOf(desk, name);
    list.append(heading, lines(list, shown(current, name), shown(copy.fields, name)));
  }
  const close = (then) => () => {
    box.hidden = true;
    then?.();
  };
  box.querySelector("[data-offer-take]").onclick = close(take);
  box.querySelector("[data-offer-drop]").onclick = close(drop);
  box.querySelector("[data-offer-later]").onclick = close();
  box.hidden = false;
};

const labelOf = (desk, name) => {
  const field = desk.querySelector(`[name="${CSS.escape(name)}"]`);
  const label = field && desk.querySelector(`label[for="${CSS.escape(field.id)}"], #${CSS.escape(field.id)}_label`);
  return label?.textContent.replace(/:\s*$/, "") ?? name;
};

const lines = (list, before, after) => {
  const all = compare(before, after);
  const near = new Set();
  all.forEach(([kind], index) => {
    if (kind === "same") return;
    for (let other = index - AROUND; other <= index + AROUND; other += 1) near.add(other);
  });
  const block = document.createElement("div");
  block.className = "offer-lines";
  let gap = false;
  all.forEach(([kind, text], index) => {
    if (!near.has(index)) {
      if (!gap) block.append(element("p", "…"));
      gap = true;
      return;
    }
    gap = false;
    const line = element("p", "");
    if (kind === "same") line.textContent = text;
    else {
      const part = element(kind === "removed" ? "del" : "ins", "");
      const spoken = element("span", `${list.dataset[kind]} `);
      spoken.className = "visually-hidden";
      part.append(spoken, text || " ");
      line.append(part);
    }
    block.append(line);
  });
  return block;
};

const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
