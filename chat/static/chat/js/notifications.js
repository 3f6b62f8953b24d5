// A message that comes while nobody looks: a notification and a soft sound, as the reader wants them.
import { playSound } from "../../accounts/js/sound.js";
import { articlesIn } from "./state.js";

// What comes in one burst is told once; and a tab that is looked at has time to say so.
const GATHER = 400;
const LONGEST_TEXT = 180;

export class Notifications {
  #userId;
  #words;
  #wants;
  #waiting = new Map();
  #shown = new Map();

  // wants: of desktop, sound and preview, those that are on. words: a template's dataset, {name}, {title} and {count} in it.
  constructor(connection, userId, wants, words) {
    this.#userId = userId;
    this.#wants = new Set(wants);
    this.#words = words;
    connection.on("message.created", (frame) => this.#came(frame));
    connection.on("message.updated", ({ message }) => { if (message.deleted_at) this.#forget(message.conversation_id, message.seq); });
    connection.on("receipt", (frame) => { if (frame.user_id === userId) this.#forget(frame.conversation_id, frame.last_read_seq); });
    connection.on("conversation.removed", (frame) => this.#forget(frame.conversation_id, Infinity));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#lookedAt(); });
  }

  #came({ message, html }) {
    if (message.sender.id === this.#userId || message.system || message.deleted_at) return;
    // Of all tabs of this browser one tells it, and none where one is looked at: whoever has the message's lock.
    if (!document.hidden) return void hold(message.id, () => undefined);
    const { conversation_id: id } = message;
    const waiting = this.#waiting.get(id);
    if (waiting) Object.assign(waiting, { message, html, count: waiting.count + 1 });
    else {
      this.#waiting.set(id, { message, html, count: 1 });
      setTimeout(() => this.#tell(id), GATHER);
    }
  }

  async #tell(id) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    // Read, deleted or looked at in the meantime.
    if (!waiting || !document.hidden) return;
    const conversation = await this.#conversation(id);
    if (!conversation || new Date(conversation.my.muted_until ?? 0) > new Date()) return;
    if (conversation.my.last_read_seq >= waiting.message.seq) return;
    await hold(waiting.message.id, () => this.#show(conversation, waiting));
  }

  // Whether it is muted may have changed since the page was drawn.
  async #conversation(id) {
    try {
      const answer = await fetch(`/api/v1/conversations/${id}`);
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  #show(conversation, { message, html, count }) {
    if (this.#wants.has("sound")) playSound();
    if (!this.#wants.has("desktop") || !("Notification" in window) || Notification.permission !== "granted") return;
    const isGroup = conversation.kind === "GROUP";
    const title = this.#say(isGroup ? "group" : "direct", { name: message.sender.name, title: conversation.title });
    const options = { body: this.#text(message, html, count), tag: conversation.id, renotify: true, silent: true };
    if (message.sender.avatar_url) options.icon = `${message.sender.avatar_url}/small`;
    let notification;
    try {
      notification = new Notification(title, options);
    } catch {
      // Phones show them by a service worker alone.
      return;
    }
    this.#shown.set(conversation.id, { notification, seq: message.seq });
    notification.onclick = () => {
      window.focus();
      notification.close();
      if (document.querySelector("[data-open-conversation]")?.dataset.openConversation !== conversation.id) location.assign(`/chats/${conversation.id}`);
    };
  }

  #text(message, html, count) {
    if (count > 1) return this.#say("many", { count });
    if (!this.#wants.has("preview")) return this.#say("one", {});
    // As it is drawn, since there a mention has its name.
    const drawn = articlesIn(html ?? "")[0]?.querySelector(".text")?.textContent ?? message.content;
    const text = (drawn ?? "").replace(/\s+/g, " ").trim();
    if (text) return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
    return this.#words[message.type.toLowerCase()] ?? this.#say("one", {});
  }

  #say(words, values) {
    return this.#words[words].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  #forget(id, seq) {
    const waiting = this.#waiting.get(id);
    if (waiting && waiting.message.seq <= seq) this.#waiting.delete(id);
    const shown = this.#shown.get(id);
    if (!shown || shown.seq > seq) return;
    shown.notification.close();
    this.#shown.delete(id);
  }

  // The chat that is open here is read now; others still wait.
  #lookedAt() {
    const open = document.querySelector("[data-open-conversation]")?.dataset.openConversation;
    if (open) this.#forget(open, Infinity);
  }
}

// Call `first` in the one tab that comes first, and keep the others from it for long enough.
async function hold(messageId, first) {
  if (!navigator.locks) return first();
  return navigator.locks.request(`pulse-message-${messageId}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    first();
    await new Promise((done) => setTimeout(done, GATHER * 10));
  });
}
