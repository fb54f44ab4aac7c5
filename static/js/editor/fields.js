// The fields of a form as plain values, and back.
const SKIPPED = /^(csrfmiddlewaretoken|opened_version|opened_working|autosave_key|initial-.*|_.*)$/;

const kept = (form) =>
  [...form.elements].filter((field) => field.name && !SKIPPED.test(field.name) && !["submit", "button", "file"].includes(field.type));

/** What the form holds: texts by name, and for choices what people read there. */
export const collect = (form) => {
  const values = {};
  const labels = {};
  for (const field of kept(form)) {
    const texts = (values[field.name] ??= []);
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) texts.push(field.value);
    } else if (field.tagName === "SELECT") {
      const chosen = [...field.selectedOptions].filter((option) => option.value);
      texts.push(...chosen.map((option) => option.value));
      labels[field.name] = chosen.map((option) => option.textContent.trim());
    } else {
      texts.push(field.value.replaceAll("\r\n", "\n"));
    }
  }
  return { values, labels };
};

export const same = (one, other) => {
  const names = new Set([...Object.keys(one.values), ...Object.keys(other.values)]);
  return [...names].every((name) => !differs(one, other, name));
};

export const differs = (one, other, name) => {
  const [left, right] = [one.values[name] ?? [], other.values[name] ?? []].map((texts) => texts.filter((text) => text !== ""));
  return left.length !== right.length || left.some((text, index) => text !== right[index]);
};

/** What a person reads in a field. */
export const shown = (fields, name) => (fields.labels[name]?.length ? fields.labels[name] : (fields.values[name] ?? [])).join(", ");

/** Put `fields` into the form. */
export const apply = (form, fields, surface) => {
  for (const [name, texts] of Object.entries(fields.values)) {
    if (!name.endsWith("-TOTAL_FORMS")) continue;
    // Rows of a table that were added by hand are added again.
    const add = form.querySelector(`#${CSS.escape(name.replace("-TOTAL_FORMS", "-group"))} .add-row a`);
    for (let missing = Number(texts[0]) - Number(form.elements[name]?.value); add && missing > 0; missing -= 1) add.click();
  }
  for (const field of kept(form)) {
    const texts = fields.values[field.name];
    if (!texts || /-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$/.test(field.name)) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = texts.includes(field.value);
    else if (field.tagName === "SELECT") choose(field, texts, fields.labels[field.name] ?? []);
    else if (surface && field.name === "body") surface.replaceAll(texts[0] ?? "");
    else field.value = texts[0] ?? "";
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
};

const choose = (select, values, labels) => {
  values.forEach((value, index) => {
    // An autocomplete knows only what was chosen in it.
    if (![...select.options].some((option) => option.value === value)) select.add(new Option(labels[index] ?? value, value));
  });
  for (const option of select.options) option.selected = values.length ? values.includes(option.value) : option.value === "";
};
