// A click on the preview of an image says what must stay in view; the two numbers remain fields.
const preview = document.querySelector(".field-preview img");
const across = document.querySelector("#id_focal_x");
const down = document.querySelector("#id_focal_y");

if (preview && across && down) {
  const frame = document.createElement("span");
  const mark = document.createElement("span");
  frame.className = "focal-frame";
  mark.className = "focal-mark";
  preview.replaceWith(frame);
  frame.append(preview, mark);

  const show = () => {
    mark.style.insetInlineStart = `${100 * across.value}%`;
    mark.style.insetBlockStart = `${100 * down.value}%`;
  };
  frame.addEventListener("click", (event) => {
    const box = preview.getBoundingClientRect();
    across.value = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)).toFixed(2);
    down.value = Math.min(1, Math.max(0, (event.clientY - box.top) / box.height)).toFixed(2);
    show();
  });
  across.addEventListener("input", show);
  down.addEventListener("input", show);
  show();
}
