// A picture that can't be had, or shown, gives way to the initials below it.

export function keepInitials() {
  document.addEventListener("error", ({ target }) => { if (target instanceof Element && target.matches(".avatar > img")) target.remove(); }, true);
  // Those that failed before anybody listened.
  for (const image of document.querySelectorAll(".avatar > img")) if (image.complete && image.currentSrc && !image.naturalWidth) image.remove();
}
