// How far the others have come: ticks on own messages, and whether a person is there.
import { clone, seqOf } from "./log.js";
import { clock, dayKey } from "./times.js";

// Above this many the server tells only the author, and a tick would have to wait for the last of them.
const MOST_PEOPLE = 100;

export class Marks {
  #log;
  #people;
  #userId;
  #presence;

  constructor(main, connection, log, people, userId) {
    this.#log = log;
    this.#people = people;
    this.#userId = userId;
    this.#presence = main.querySelector("[data-presence]");
    const id = main.dataset.openConversation;
    connection.on("receipt", (frame) => { if (frame.conversation_id === id) this.#moved([frame]); });
    connection.on("caught_up", (frame) => { if (frame.conversation_id === id) this.#moved(frame.marks ?? []); });
    connection.on("presence", (frame) => this.#present(frame));
    connection.on("up", () => {
      if (this.#presence) connection.send({ type: "presence.watch", user_ids: [this.#presence.dataset.presence] });
    });
    log.addEventListener("dressed", ({ detail }) => this.#mark(detail));
    for (const article of log.articles) this.#mark(article);
  }

  #moved(marks) {
    for (const mark of marks) {
      const one = this.#people.get(mark.user_id);
      if (!one) continue;
      one.last_read_seq = Math.max(one.last_read_seq, mark.last_read_seq);
      one.last_delivered_seq = Math.max(one.last_delivered_seq, mark.last_delivered_seq);
    }
    for (const article of this.#log.articles) this.#mark(article);
  }

  #tick(seq) {
    const others = [...this.#people.values()].filter((one) => one.id !== this.#userId);
    if (others.length === 0 || others.length >= MOST_PEOPLE) return "sent";
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

  #present({ user_id: userId, online, last_seen: lastSeen }) {
    if (this.#presence?.dataset.presence !== userId) return;
    document.querySelector(".bar .who .avatar")?.toggleAttribute("data-online", online);
    if (online) this.#presence.textContent = this.#presence.dataset.online;
    else if (lastSeen) {
      const date = new Date(lastSeen);
      const today = dayKey(date) === dayKey(new Date());
      const time = today ? clock(date) : date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
      this.#presence.textContent = this.#presence.dataset.seen.replace("{time}", time);
    }
  }
}
