// The open conversation: scrolling through history, live messages, what was read, and what waits to be sent.
import { Composer } from "./composer.js";
import { clone, Log, seqOf } from "./log.js";
import { Marks } from "./marks.js";
import { People } from "./people.js";
import { fillQuote } from "./quote.js";
import { articlesIn, ConversationState } from "./state.js";
import { clock } from "./times.js";
import { TypingLine } from "./typing.js";

const NEAR = 700;
const SEEN_WAIT = 250;
const ECHO_WAIT = 1_000;

export class OpenConversation {
  #id;
  #main;
  #userId;
  #connection;
  #outbox;
  #log;
  #state;
  #scroll;
  #jump;
  #pending;
  #loading = null;
  #read;
  #seenTimer = 0;
  #unseen = 0;
  #sentIds = new Set();
  #composer = null;

  constructor(main, connection, outbox, userId) {
    this.#id = main.dataset.openConversation;
    this.#main = main;
    this.#userId = userId;
    this.#connection = connection;
    this.#outbox = outbox;
    this.#scroll = main.querySelector(".scroll");
    this.#jump = main.querySelector(".jump");
    this.#pending = main.querySelector("[data-pending]");
    this.#read = Number(main.dataset.lastReadSeq);
    const people = new People(document.getElementById("people"), this.#id);
    this.#log = new Log(main, userId, people);
    new Marks(main, connection, this.#log, people, userId);
    new TypingLine(main.querySelector(".typing-line"), connection, this.#log, people, this.#id, userId);
    this.#state = new ConversationState(this.#id, Number(main.dataset.version), connection, {
      put: (article) => this.#log.put(article),
      hide: (ids) => this.#log.hide(ids),
      cutOff: () => this.#log.cutOff(),
      startOver: () => this.#startOver(),
    });
    connection.resumeFrom(() => ({ [this.#id]: this.#state.version }));
    connection.on("up", () => this.#see());
    connection.on("conversation.removed", (frame) => { if (frame.conversation_id === this.#id) location.assign("/"); });

    const form = main.querySelector("form.composer");
    // Blocked, or unblocked, on this device or another: the server draws what stands in the composer's place.
    connection.on("conversation.my", (frame) => {
      if (frame.conversation_id === this.#id && frame.my.can_post !== Boolean(form)) location.reload();
    });
    if (form) this.#composer = new Composer(form, connection, this.#id, (content, quote) => this.#submit(content, quote));
    this.#log.addEventListener("put", ({ detail }) => this.#put(detail));
    outbox.addEventListener("change", () => this.#drawPending());
    outbox.addEventListener("sent", ({ detail }) => this.#sent(detail.message));
    this.#scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    document.addEventListener("visibilitychange", () => this.#see());
    main.addEventListener("click", (event) => this.#clicked(event));

    this.#drawPending();
    this.#open();
  }

  #open() {
    const divider = this.#main.querySelector(".unread");
    const at = Number(this.#main.dataset.at);
    const article = at && (this.#log.at(at) ?? this.#log.articles.find((one) => seqOf(one) >= at));
    if (article) this.#log.show(article);
    else if (divider) this.#log.show(divider, { flash: false, block: "start" });
    else if (new URLSearchParams(location.search).has("after")) this.#scroll.scrollTop = 0;
    else this.#log.toBottom();
    this.#scrolled();
  }

  // What the socket and history bring

  #put({ article, isNew, isLatest }) {
    const id = article.dataset.messageId;
    this.#outbox.remove(id);
    this.#sentIds.delete(id);
    this.#pending.querySelector(`[data-pending-id="${CSS.escape(id)}"]`)?.remove();
    if (isNew && isLatest && article.dataset.senderId !== this.#userId) {
      if (!this.#log.isAtBottom || this.#log.hasLater || document.hidden) this.#unseen += 1;
    }
    this.#scrolled();
  }

  // Scrolling

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    const below = scrollHeight - scrollTop - clientHeight;
    if (scrollTop < NEAR && this.#log.hasEarlier) this.#load("earlier");
    else if (below < NEAR && this.#log.hasLater) this.#load("later");
    const atEnd = this.#log.isAtBottom && !this.#log.hasLater;
    if (atEnd && !document.hidden) this.#unseen = 0;
    this.#jump.hidden = below < 120 && !this.#log.hasLater;
    const badge = this.#jump.querySelector(".badge");
    badge.textContent = this.#unseen || "";
    badge.hidden = this.#unseen === 0;
    this.#see();
  }

  async #load(end) {
    if (this.#loading) return this.#loading;
    const edge = () => (end === "earlier" ? this.#log.firstSeq : this.#log.lastSeq);
    const asked = edge();
    this.#loading = this.#page(`${end === "earlier" ? "before" : "after"}=${asked}`);
    try {
      const page = await this.#loading;
      // Where the stretch was trimmed or replaced meanwhile, this page does not continue it.
      if (edge() === asked) this.#log.extend(end, page.articles, end === "earlier" ? page.earlier : page.later);
    } catch {
      // Offline. The next scroll, or the link that stays, tries again.
      return;
    } finally {
      this.#loading = null;
    }
    this.#fillUp();
  }

  // What came while the page was being fetched lies beyond its end.
  #fillUp() {
    if (!this.#log.hasLater && this.#log.newestSeq > this.#log.lastSeq) this.#state.heal();
    this.#scrolled();
  }

  async #page(where) {
    const answer = await fetch(`/chats/${this.#id}/history?${where}`);
    if (answer.redirected || answer.status === 404) location.reload();
    if (!answer.ok) throw new Error(`history: ${answer.status}`);
    return {
      articles: articlesIn(await answer.text()),
      earlier: answer.headers.get("Pulse-Earlier") === "1",
      later: answer.headers.get("Pulse-Later") === "1",
      version: Number(answer.headers.get("Pulse-Version")),
    };
  }

  async #startOver() {
    const page = await this.#page("");
    this.#log.replace(page.articles, page.earlier, page.later, { anew: true });
    this.#log.toBottom();
    this.#scrolled();
    return page.version;
  }

  async #toLatest() {
    if (this.#log.hasLater) {
      const page = await this.#page("").catch(() => null);
      if (page === null) return;
      this.#log.replace(page.articles, page.earlier, page.later);
    }
    this.#log.toBottom();
    this.#fillUp();
  }

  async #goTo(seq) {
    if (!this.#log.at(seq)) {
      const page = await this.#page(`around=${seq}`).catch(() => null);
      if (page === null) return;
      this.#log.replace(page.articles, page.earlier, page.later);
    }
    const article = this.#log.at(seq);
    if (article) this.#log.show(article);
    this.#fillUp();
  }

  #clicked(event) {
    const link = event.target.closest("a, button");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link === this.#jump) this.#toLatest();
    else if (link.dataset.toSeq && link.classList.contains("quote")) this.#goTo(Number(link.dataset.toSeq));
    else if (link.matches("[data-reply]") && this.#composer) this.#composer.reply(link.closest("article"));
    else if (link.parentElement.matches("[data-earlier]")) this.#load("earlier");
    else if (link.parentElement.matches("[data-later]")) this.#load("later");
    else if (link.matches("[data-again]")) this.#outbox.again(link.closest("article").dataset.pendingId);
    else if (link.matches("[data-discard]")) this.#outbox.remove(link.closest("article").dataset.pendingId);
    else return;
    event.preventDefault();
  }

  // What was read

  #see() {
    clearTimeout(this.#seenTimer);
    this.#seenTimer = setTimeout(() => {
      if (document.hidden) return;
      const seq = this.#log.seenSeq();
      if (seq > this.#read && this.#connection.send({ type: "read", conversation_id: this.#id, seq })) this.#read = seq;
    }, SEEN_WAIT);
  }

  // What waits to be sent

  #submit(content, quote) {
    this.#outbox.add(this.#id, content, quote);
    this.#toLatest();
  }

  #sent(message) {
    if (message.conversation_id !== this.#id || this.#log.has(message.id)) return;
    // Its echo is on the way and takes the place of what waits here.
    this.#sentIds.add(message.id);
    setTimeout(() => this.#state.expect(message.version), ECHO_WAIT);
  }

  #drawPending() {
    const items = this.#outbox.in(this.#id).filter((item) => {
      if (this.#log.has(item.id)) queueMicrotask(() => this.#outbox.remove(item.id));
      return !this.#log.has(item.id);
    });
    const wanted = new Set(items.map((item) => item.id));
    this.#log.keepingPlace(() => {
      for (const article of [...this.#pending.children]) {
        const id = article.dataset.pendingId;
        if (wanted.has(id)) continue;
        if (this.#sentIds.has(id)) article.querySelector("[data-tick]")?.replaceWith(clone("tick-sent"));
        else article.remove();
      }
      for (const item of items) this.#pending.append(this.#drawItem(item));
    });
  }

  #drawItem(item) {
    const state = item.failed ? "failed" : "sending";
    const drawn = this.#pending.querySelector(`[data-pending-id="${CSS.escape(item.id)}"]`);
    if (drawn?.dataset.state === state) return drawn;
    const article = clone("message-template");
    for (const name of ["id", "data-message-id", "data-seq", "data-version"]) article.removeAttribute(name);
    article.dataset.pendingId = item.id;
    article.dataset.state = state;
    article.toggleAttribute("data-head", true);
    article.querySelector(".text").replaceChildren(Object.assign(document.createElement("p"), { textContent: item.content }));
    const time = article.querySelector("time");
    time.dateTime = item.created_at;
    time.textContent = clock(new Date(item.created_at));
    const quote = article.querySelector(".quote");
    if (item.quote) fillQuote(quote, item.quote);
    else quote.remove();
    article.querySelector(".actions")?.remove();
    if (item.failed) {
      article.querySelector("[data-tick]").remove();
      const failed = clone("failed-template");
      failed.querySelector("span").textContent += ` ${item.failed}`;
      article.querySelector(".stack").append(failed);
    }
    drawn?.remove();
    return article;
  }
}
