// Who is typing. It ends by itself when nothing more is heard, and with their message.

const ENDS = 6_000;

export class TypingLine {
  #line;
  #log;
  #people;
  #timers = new Map();

  constructor(line, connection, log, people, conversationId, userId) {
    this.#line = line;
    this.#log = log;
    this.#people = people;
    connection.on("typing", (frame) => {
      if (frame.conversation_id === conversationId && frame.user_id !== userId) this.#set(frame.user_id, frame.active);
    });
    connection.on("down", () => { for (const id of [...this.#timers.keys()]) this.#set(id, false); });
    log.addEventListener("put", ({ detail }) => { if (detail.isNew) this.#set(detail.article.dataset.senderId, false); });
  }

  #set(userId, active) {
    if (!active && !this.#timers.has(userId)) return;
    clearTimeout(this.#timers.get(userId));
    this.#timers.delete(userId);
    if (active && !this.#people.get(userId)) this.#people.lookUp();
    if (active) this.#timers.set(userId, setTimeout(() => this.#set(userId, false), ENDS));
    this.#draw();
  }

  #draw() {
    const names = [...this.#timers.keys()].map((id) => this.#people.get(id)?.name).filter(Boolean);
    const words = this.#line.dataset[names.length === 1 ? "one" : names.length === 2 ? "two" : "many"];
    this.#log.keepingPlace(() => {
      this.#line.hidden = names.length === 0;
      this.#line.querySelector("span").textContent =
        names.length === 0 ? "" : words.replace("{name}", () => names[0]).replace("{other}", () => names[1]);
    });
  }
}
