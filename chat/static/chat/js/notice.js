// "You're offline": shown once the connection has been away for a moment, or at once when something waits to be sent.

const PATIENCE = 2_000;

export class OfflineNotice {
  #notices;
  #connection;
  #outbox;
  #downSince = Date.now();
  #timer = 0;

  constructor(notices, connection, outbox) {
    this.#notices = notices;
    this.#connection = connection;
    this.#outbox = outbox;
    connection.on("up", () => this.#draw());
    connection.on("down", ({ wasReady }) => {
      if (wasReady) this.#downSince = Date.now();
      this.#draw();
    });
    outbox.addEventListener("change", () => this.#draw());
    addEventListener("offline", () => this.#draw());
    for (const notice of notices) notice.querySelector("button").addEventListener("click", () => connection.tryNow());
    this.#draw();
  }

  #draw() {
    clearTimeout(this.#timer);
    const waiting = this.#outbox.waiting.length;
    const away = Date.now() - this.#downSince;
    const patient = away < (waiting ? PATIENCE / 2 : PATIENCE);
    const hidden = this.#connection.isReady || (patient && navigator.onLine);
    if (!this.#connection.isReady && hidden) this.#timer = setTimeout(() => this.#draw(), PATIENCE - away + 50);
    for (const notice of this.#notices) {
      const words = waiting === 0 ? "none" : waiting === 1 ? "one" : "many";
      const text = notice.dataset[words].replace("{n}", waiting);
      const line = notice.querySelector(".text");
      if (line.textContent !== text) line.textContent = text;
      notice.hidden = hidden;
    }
  }
}
