// A theme is shown as soon as it is chosen, and kept once it is saved.

document.querySelector("[data-appearance]").addEventListener("change", ({ target }) => {
  if (target.name !== "theme") return;
  const { dataset } = document.documentElement;
  if (target.value === "system") delete dataset.theme;
  else dataset.theme = target.value;
});
