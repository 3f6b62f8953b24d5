// The messages on the page: a gapless stretch of a conversation, ascending by seq, at most MOST of them.
import { clock, dayKey, dayLabel, timeOf } from "./times.js";

const MOST = 400;
const RUN = 5 * 60_000;
const AT_BOTTOM = 40;
const MOST_OUTSIDE = 500;

export class Log extends EventTarget {
  hasEarlier;
  hasLater;
  newestSeq;
  #root;
  #scroll;
  #userId;
  #people;
  #articles = [];
  #byId = new Map();
  #outside = new Map();
  #earlier;
  #later;
  #stuck = true;

  constructor(main, userId, people) {
    super();
    this.#root = main.querySelector(".log");
    this.#scroll = main.querySelector(".scroll");
    this.#userId = userId;
    this.#people = people;
    this.#earlier = main.querySelector("[data-earlier]");
    this.#later = main.querySelector("[data-later]");
    this.hasEarlier = !this.#earlier.hidden;
    this.hasLater = !this.#later.hidden;
    this.newestSeq = Number(main.dataset.lastSeq);
    for (const article of this.#root.querySelectorAll("article[data-message-id]")) {
      this.#articles.push(article);
      this.#byId.set(article.dataset.messageId, article);
      this.#dress(article);
    }
    this.#scroll.addEventListener("scroll", () => { this.#stuck = this.isAtBottom; }, { passive: true });
    new ResizeObserver(() => { if (this.#stuck) this.toBottom(); }).observe(this.#scroll);
  }

  get firstSeq() {
    return this.#articles.length ? seqOf(this.#articles[0]) : 0;
  }

  get lastSeq() {
    return this.#articles.length ? seqOf(this.#articles.at(-1)) : 0;
  }

  get articles() {
    return this.#articles;
  }

  get isAtBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < AT_BOTTOM;
  }

  has(id) {
    return this.#byId.has(id);
  }

  at(seq) {
    const found = this.#articles[this.#place(seq)];
    return found && seqOf(found) === seq ? found : null;
  }

  toBottom() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#stuck = true;
  }

  // The last message of which something is in view.
  seenSeq() {
    const bottom = this.#scroll.getBoundingClientRect().bottom;
    for (let index = this.#articles.length - 1; index >= 0; index--) {
      if (this.#articles[index].getBoundingClientRect().top < bottom - 16) return seqOf(this.#articles[index]);
    }
    return 0;
  }

  // Put a whole message in, unless what is here is newer. What lies outside the stretch waits until the stretch gets there.
  put(article) {
    this.newestSeq = Math.max(this.newestSeq, seqOf(article));
    const isNew = !this.#byId.has(article.dataset.messageId);
    const later = isNew && this.#articles.length > 0 && seqOf(article) > this.lastSeq;
    if ((later && this.hasLater) || (isNew && this.hasEarlier && seqOf(article) < this.firstSeq)) {
      this.#outside.set(article.dataset.messageId, article);
      if (this.#outside.size > MOST_OUTSIDE) this.#outside.delete(this.#outside.keys().next().value);
      this.#tell(article, isNew, later);
      return;
    }
    this.keepingPlace(() => this.#insert(article));
    if (isNew && this.#stuck) this.trim("earlier");
    this.#tell(article, isNew, later || (isNew && this.#articles.at(-1) === article));
  }

  hide(ids) {
    this.keepingPlace(() => {
      for (const id of ids) {
        this.#outside.delete(id);
        if (this.#byId.has(id)) this.#remove(this.#byId.get(id));
      }
    });
  }

  // A page of history that continues the stretch at one of its ends.
  extend(end, articles, more) {
    this[end === "earlier" ? "hasEarlier" : "hasLater"] = more;
    this.#quietly(() => this.keepingPlace(() => {
      for (const article of articles) this.#insert(article);
      this.#takeOutside();
    }));
    this.trim(end === "earlier" ? "later" : "earlier");
    this.#turns();
  }

  // What comes from now on does not follow what is here: something between the two is missing.
  cutOff() {
    this.hasLater = true;
    this.#turns();
  }

  // A page of history instead of the stretch that was here. anew: what was here is not to be trusted any more.
  replace(articles, hasEarlier, hasLater, { anew = false } = {}) {
    const last = articles.length ? seqOf(articles.at(-1)) : 0;
    // What came while the page was being fetched.
    const newer = anew || hasLater ? [] : this.#articles.filter((article) => seqOf(article) > last);
    if (anew) {
      this.#outside.clear();
      this.newestSeq = last;
    }
    this.#quietly(() => {
      for (const group of this.#root.querySelectorAll(".day-group[data-day]")) group.remove();
      this.#articles = [];
      this.#byId.clear();
      this.hasEarlier = hasEarlier;
      this.hasLater = hasLater;
      for (const article of [...articles, ...newer]) this.#insert(article);
      this.#takeOutside();
    });
    this.#turns();
  }

  // Let go of what is far from the reader, so that a day of chat does not end with a slow page.
  trim(end) {
    if (this.#articles.length <= MOST) return;
    this.keepingPlace(() => {
      while (this.#articles.length > MOST) this.#remove(end === "earlier" ? this.#articles[0] : this.#articles.at(-1));
      this[end === "earlier" ? "hasEarlier" : "hasLater"] = true;
      if (end === "earlier") this.#settle(this.#articles[0]);
    });
    this.#turns();
  }

  // Do something to the page without moving what is being read: the bottom stays the bottom, else the topmost visible message stays.
  keepingPlace(change) {
    if (this.#stuck) {
      change();
      this.toBottom();
      return;
    }
    const top = this.#scroll.getBoundingClientRect().top;
    const anchor = this.#articles.find((article) => article.getBoundingClientRect().bottom > top);
    const before = anchor?.getBoundingClientRect().top;
    change();
    const now = anchor && (anchor.isConnected ? anchor : this.#byId.get(anchor.dataset.messageId));
    if (now) this.#scroll.scrollTop += now.getBoundingClientRect().top - before;
  }

  show(article, { flash = true, block = "center" } = {}) {
    this.#stuck = false;
    article.scrollIntoView({ block });
    this.#stuck = this.isAtBottom;
    if (!flash) return;
    article.toggleAttribute("data-flash", true);
    setTimeout(() => article.removeAttribute("data-flash"), 2000);
  }

  #insert(article) {
    const { messageId: id, version } = article.dataset;
    this.#outside.delete(id);
    const held = this.#byId.get(id);
    if (held) {
      if (Number(held.dataset.version) >= Number(version)) return;
      this.#dress(article);
      article.toggleAttribute("data-head", held.hasAttribute("data-head"));
      held.replaceWith(article);
      this.#articles[this.#articles.indexOf(held)] = article;
    } else {
      this.#dress(article);
      const index = this.#place(seqOf(article));
      this.#intoDay(article, this.#articles[index - 1], this.#articles[index]);
      this.#articles.splice(index, 0, article);
      this.#settle(article);
      this.#settle(this.#articles[index + 1]);
    }
    this.#byId.set(id, article);
  }

  #remove(article) {
    const index = this.#articles.indexOf(article);
    const group = article.parentElement;
    this.#articles.splice(index, 1);
    this.#byId.delete(article.dataset.messageId);
    article.remove();
    if (!group.querySelector("article")) group.remove();
    this.#settle(this.#articles[index]);
  }

  #takeOutside() {
    for (const [id, article] of this.#outside) {
      const seq = seqOf(article);
      if (this.#byId.has(id) || ((!this.hasLater || seq < this.lastSeq) && (!this.hasEarlier || seq > this.firstSeq))) this.#insert(article);
    }
  }

  // Where a seq is, or would go.
  #place(seq) {
    let low = 0;
    let high = this.#articles.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seqOf(this.#articles[middle]) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #intoDay(article, previous, next) {
    const date = timeOf(article);
    const day = dayKey(date);
    if (previous?.parentElement.dataset.day === day) previous.after(article);
    else if (next?.parentElement.dataset.day === day) next.parentElement.querySelector(".day").after(article);
    else {
      const group = document.createElement("div");
      group.className = "day-group";
      group.dataset.day = day;
      const label = clone("day-template");
      label.textContent = dayLabel(date, document.getElementById("day-words").content.firstElementChild);
      label.setAttribute("aria-label", label.textContent);
      group.append(label, article);
      this.#root.insertBefore(group, next ? next.parentElement : this.#later);
    }
  }

  // What depends on the reader: whose it is, the clock, and names that the shape of a message does not hold.
  #dress(article) {
    if (article.classList.contains("system")) return;
    article.toggleAttribute("data-own", article.dataset.senderId === this.#userId);
    const time = article.querySelector("time[datetime]");
    time.textContent = clock(new Date(time.dateTime));
    for (const name of article.querySelectorAll("[data-person]")) {
      const known = this.#people.get(name.dataset.person)?.name;
      if (known) (name.querySelector("bdi") ?? name).textContent = known;
    }
    this.dispatchEvent(new CustomEvent("dressed", { detail: article }));
  }

  // Whether a message begins a run: another sender, five minutes, or something between.
  #settle(article) {
    if (!article || article.classList.contains("system")) return;
    const previous = article.previousElementSibling;
    const continues =
      previous?.classList.contains("message") &&
      previous.dataset.senderId === article.dataset.senderId &&
      timeOf(article) - timeOf(previous) <= RUN;
    article.toggleAttribute("data-head", !continues);
  }

  #turns() {
    this.#earlier.hidden = !this.hasEarlier;
    this.#later.hidden = !this.hasLater;
    this.#root.querySelector(".beginning").hidden = this.hasEarlier;
  }

  // A page of history is not news: screen readers should not read it out.
  #quietly(change) {
    this.#root.setAttribute("aria-live", "off");
    change();
    setTimeout(() => this.#root.setAttribute("aria-live", "polite"), 500);
  }

  #tell(article, isNew, isLatest) {
    this.dispatchEvent(new CustomEvent("put", { detail: { article, isNew, isLatest } }));
  }
}

export function seqOf(article) {
  return Number(article.dataset.seq);
}

export function clone(templateId) {
  return document.getElementById(templateId).content.firstElementChild.cloneNode(true);
}
