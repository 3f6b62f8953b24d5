// Times in the reader's own zone. The server draws them from a cookie; what comes by the socket is drawn in UTC.

export function keepTimeZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const cookie = `pulse_tz=${zone}`;
  if (!zone || document.cookie.split("; ").includes(cookie)) return;
  document.cookie = `${cookie}; Path=/; Max-Age=31536000; SameSite=Lax`;
  // The page was drawn for another zone, days and all: draw it anew, once, if cookies stay at all.
  if (document.querySelector("time[datetime]") && document.cookie.split("; ").includes(cookie)) location.reload();
}

export function clock(date) {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function dayKey(date) {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

// words: an element with data-today and data-yesterday.
export function dayLabel(date, words) {
  const today = new Date();
  if (dayKey(date) === dayKey(today)) return words.dataset.today;
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (dayKey(date) === dayKey(yesterday)) return words.dataset.yesterday;
  const year = date.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year }).replace(",", "");
}

export function timeOf(article) {
  return new Date(article.querySelector("time[datetime]").dateTime);
}

function two(number) {
  return String(number).padStart(2, "0");
}
