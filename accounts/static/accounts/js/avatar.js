// The settings' picture: shown before it is sent, and not sent where it is too large.

const form = document.querySelector("[data-avatar-form]");
const field = form.elements.namedItem("file");
const avatar = form.querySelector(".avatar");
const before = avatar.querySelector("img");
const error = form.querySelector(".error");
let preview = null;

field.addEventListener("change", () => {
  const [file] = field.files;
  const isTooLarge = file !== undefined && file.size > Number(form.dataset.maxBytes);
  error.hidden = !isTooLarge;
  error.querySelector("span").textContent = isTooLarge ? error.dataset.tooLarge : "";
  field.setAttribute("aria-invalid", String(isTooLarge));
  form.querySelector(".primary").disabled = isTooLarge;
  show(isTooLarge ? undefined : file);
});

function show(file) {
  if (preview) {
    URL.revokeObjectURL(preview.src);
    preview.remove();
    preview = null;
    if (before) avatar.append(before);
  }
  if (file === undefined) return;
  preview = new Image();
  preview.alt = "";
  preview.src = URL.createObjectURL(file);
  before?.remove();
  avatar.append(preview);
}
