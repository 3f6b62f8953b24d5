// Messages that were written and not yet acknowledged. They outlive the page where the browser lets them, keep their ids and go out in order: one at
// a time, the same id again after a lost ack, so that each arrives once.
import { uuid7 } from "./ids.js";

const BUSY_WAIT = 2_000;
// These pass by themselves; every other refusal needs the writer.
const PASSING = new Set(["lost", "throttled", "unavailable", "internal"]);

export class Outbox extends EventTarget {
  #connection;
  #key;
  #pumping = false;
  // What the browser would not keep (its storage is full or forbidden), by id: the item, or null for one that is gone.
  // This page holds it instead.
  #unkept = new Map();

  constructor(connection, userId) {
    super();
    this.#connection = connection;
    this.#key = `pulse.outbox.${userId}`;
    connection.on("up", () => this.pump());
    // Another tab wrote, sent or gave up something.
    addEventListener("storage", (event) => { if (event.key === this.#key) this.#changed(); });
  }

  get items() {
    const items = new Map(this.#kept().map((item) => [item.id, item]));
    for (const [id, item] of this.#unkept) {
      if (item) items.set(id, item);
      else items.delete(id);
    }
    return [...items.values()];
  }

  get waiting() {
    return this.items.filter((item) => !item.failed);
  }

  in(conversationId) {
    return this.items.filter((item) => item.conversation_id === conversationId);
  }

  add(conversationId, content, quote) {
    const item = { id: uuid7(), conversation_id: conversationId, content, quote, created_at: new Date().toISOString() };
    this.#set(item.id, item);
    this.pump();
    return item;
  }

  // It is on the server, or the writer let it go.
  remove(id) {
    if (this.#find(id)) this.#set(id, null);
  }

  again(id) {
    const item = this.#find(id);
    if (item) this.#set(id, { ...item, failed: undefined });
    this.pump();
  }

  // One tab at a time where the browser can say so; where it cannot, ids keep two tabs from sending twice.
  async pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      if (navigator.locks) await navigator.locks.request(this.#key, () => this.#send());
      else await this.#send();
    } finally {
      this.#pumping = false;
    }
    if (this.#connection.isReady && this.waiting.length) this.pump();
  }

  async #send() {
    for (let item; this.#connection.isReady && (item = this.waiting[0]);) {
      try {
        const { message } = await this.#connection.request({
          type: "message.send",
          conversation_id: item.conversation_id,
          id: item.id,
          content: item.content,
          ...(item.quote && { reply_to: item.quote.id }),
        });
        this.dispatchEvent(new CustomEvent("sent", { detail: { item, message } }));
        this.remove(item.id);
      } catch (error) {
        if (!PASSING.has(error.code)) this.#fail(item.id, error.message);
        else if (this.#connection.isReady) await new Promise((resolve) => setTimeout(resolve, BUSY_WAIT));
      }
    }
  }

  #fail(id, detail) {
    const item = this.#find(id);
    if (item) this.#set(id, { ...item, failed: detail || "Refused" });
  }

  #find(id) {
    return this.items.find((item) => item.id === id);
  }

  #kept() {
    try {
      return JSON.parse(localStorage.getItem(this.#key) ?? "[]");
    } catch {
      return [];
    }
  }

  #set(id, item) {
    this.#unkept.set(id, item);
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.items));
      this.#unkept.clear();
    } catch {
      // The next change tries to have it kept again.
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}
