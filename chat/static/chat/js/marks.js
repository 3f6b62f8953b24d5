// How far the others have come: ticks on own messages.
import { clone, seqOf } from "./log.js";

// Above this many the server tells only the author, and a tick would have to wait for the last of them.
const MOST_PEOPLE = 100;

export class Marks {
  #log;
  #people;
  #userId;

  constructor(main, connection, log, people, userId) {
    this.#log = log;
    this.#people = people;
    this.#userId = userId;
    const id = main.dataset.openConversation;
    connection.on("receipt", (frame) => { if (frame.conversation_id === id) this.#moved([frame]); });
    connection.on("caught_up", (frame) => { if (frame.conversation_id === id) this.#moved(frame.marks ?? []); });
    people.addEventListener("change", () => this.#moved([]));
    log.addEventListener("dressed", ({ detail }) => this.#mark(detail));
    // Somebody joined or left, says the line.
    log.addEventListener("put", ({ detail }) => { if (detail.isNew && detail.article.classList.contains("system")) people.lookUp(); });
    for (const article of log.articles) this.#mark(article);
  }

  #moved(marks) {
    for (const mark of marks) this.#people.move(mark);
    for (const article of this.#log.articles) this.#mark(article);
  }

  #tick(seq) {
    const others = this.#people.others(this.#userId);
    if (!this.#people.isWhole || others.length === 0 || others.length >= MOST_PEOPLE) return "sent";
    if (others.every((one) => one.last_read_seq >= seq)) return "read";
    return others.every((one) => one.last_delivered_seq >= seq) ? "delivered" : "sent";
  }

  #mark(article) {
    if (article.dataset.senderId !== this.#userId || article.dataset.kind === "deleted" || article.classList.contains("system")) return;
    const name = this.#tick(seqOf(article));
    const drawn = article.querySelector("[data-tick]");
    if (drawn?.dataset.tick === name) return;
    if (drawn) drawn.replaceWith(clone(`tick-${name}`));
    else article.querySelector(".meta").append(clone(`tick-${name}`));
  }
}
