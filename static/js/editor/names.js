// Django's widgets of several parts leave some parts without a name; screen readers need one.
const nameOf = (row) => (row?.querySelector("label, legend")?.textContent ?? "").replace(/:\s*$/, "").trim();

const headingOf = (part) => {
  const cell = part.closest("td");
  return part.closest("table")?.tHead?.rows[0]?.cells[cell?.cellIndex]?.textContent.replace("?", "").trim() ?? "";
};

export const nameParts = (form) => {
  for (const field of form.querySelectorAll(".vDateField, .vTimeField")) {
    const part = field.previousSibling?.textContent?.replace(/:\s*$/, "").trim() ?? "";
    field.setAttribute("aria-label", `${nameOf(field.closest(".form-row"))} ${part}`.trim());
  }
  for (const field of form.querySelectorAll(".inline-group td input:not([type=hidden], [aria-label])")) {
    if (headingOf(field)) field.setAttribute("aria-label", headingOf(field));
  }
  for (const choice of form.querySelectorAll(".select2-container")) {
    const name = nameOf(choice.closest(".form-row:not(tr)")) || headingOf(choice);
    for (const part of choice.querySelectorAll('[role="combobox"], [role="textbox"], .select2-search__field')) {
      part.setAttribute("aria-label", name);
      if (part.matches(".select2-selection--single")) part.removeAttribute("aria-labelledby");
    }
  }
};
