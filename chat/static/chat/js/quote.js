// A quote of another message: {id, seq, hue, name, excerpt}, put into a drawn one.

export function fillQuote(link, quote) {
  link.dataset.hue = quote.hue;
  link.dataset.toSeq = quote.seq;
  link.href = `?at=${quote.seq}#m${quote.seq}`;
  const name = link.querySelector("bdi");
  name.textContent = quote.name;
  name.removeAttribute("data-person");
  link.querySelector("span").textContent = quote.excerpt;
}
