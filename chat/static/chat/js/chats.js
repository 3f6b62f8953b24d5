// The chat list and the counts: rows are drawn by the server, fetched anew when something moved them.

const ROWS_WAIT = 150;
const DELIVERED_WAIT = 300;
const MOST_ROWS = 50;

export class ChatList {
  #list;
  #userId;
  #openId;
  #connection;
  #wanted = new Set();
  #timer = 0;
  #counts = new Map();
  #delivered = new Map();
  #title = document.title;

  constructor(list, connection, userId, openId) {
    this.#list = list;
    this.#userId = userId;
    this.#openId = openId;
    this.#connection = connection;
    for (const row of this.#rows()) this.#count(row);
    connection.on("resumed", ({ conversations }) => this.#resumed(conversations));
    connection.on("heads", ({ conversations }) => {
      for (const [id, version] of Object.entries(conversations)) if (!(this.#version(id) >= version)) this.#want(id);
    });
    connection.on("message.created", (frame) => {
      this.#want(frame.conversation_id);
      if (frame.message.sender.id !== userId) this.#reached(frame.conversation_id, frame.message.seq);
    });
    for (const type of ["message.updated", "message.hidden", "conversation.changed", "conversation.my"]) {
      connection.on(type, (frame) => this.#want(frame.conversation_id));
    }
    connection.on("conversation.added", (frame) => this.#want(frame.conversation.id));
    connection.on("conversation.removed", (frame) => this.#remove(frame.conversation_id));
  }

  #rows() {
    return this.#list ? [...this.#list.children] : [];
  }

  #row(id) {
    return this.#rows().find((row) => row.dataset.conversationId === id);
  }

  #version(id) {
    return Number(this.#row(id)?.dataset.version ?? this.#counts.get(id)?.version ?? -1);
  }

  #resumed(conversations) {
    for (const [id, head] of Object.entries(conversations)) {
      const known = this.#counts.get(id);
      const same = known && known.version >= head.version && known.unread === head.unread_count;
      if (!same && (known || head.unread_count || this.#list)) this.#want(id);
      if (head.last_seq > head.last_read_seq) this.#reached(id, head.last_seq);
    }
    for (const row of this.#rows()) if (!conversations[row.dataset.conversationId]) this.#remove(row.dataset.conversationId);
  }

  // Tell that messages came as far as this device.
  #reached(id, seq) {
    if (this.#delivered.size === 0) {
      setTimeout(() => {
        for (const [conversationId, last] of this.#delivered) {
          this.#connection.send({ type: "delivered", conversation_id: conversationId, seq: last });
        }
        this.#delivered.clear();
      }, DELIVERED_WAIT);
    }
    this.#delivered.set(id, Math.max(seq, this.#delivered.get(id) ?? 0));
  }

  #want(id) {
    this.#wanted.add(id);
    this.#timer ||= setTimeout(() => this.#fetch(), ROWS_WAIT);
  }

  async #fetch() {
    const ids = [...this.#wanted].slice(0, MOST_ROWS);
    for (const id of ids) this.#wanted.delete(id);
    try {
      const answer = await fetch(`/chats/rows?${new URLSearchParams([...ids.map((id) => ["id", id]), ["current", this.#openId ?? ""]])}`);
      if (answer.ok && !answer.redirected) this.#put(ids, await answer.text());
    } catch {
      // Offline: the resume after it compares every row.
    } finally {
      this.#timer = this.#wanted.size ? setTimeout(() => this.#fetch(), ROWS_WAIT) : 0;
    }
  }

  #put(ids, html) {
    const parsed = new DOMParser().parseFromString(`<ul>${html}</ul>`, "text/html");
    for (const row of parsed.querySelectorAll("li[data-conversation-id]")) this.#place(document.adoptNode(row));
    this.#total();
  }

  // Pinned first, then by the last message: where the row belongs now. It moves at once, unless the pointer is on the list.
  #place(row) {
    const id = row.dataset.conversationId;
    const { version } = row.dataset;
    if (Number(version) < this.#version(id)) return;
    this.#count(row);
    const held = this.#row(id);
    if (!this.#list || !this.#belongs(row, held)) return;
    const focused = held?.contains(document.activeElement);
    const isNews = held === undefined || key(row) > key(held);
    if (held && (!isNews || this.#list.matches(":hover"))) held.replaceWith(row);
    else {
      held?.remove();
      const next = this.#rows().find((other) => key(other) < key(row));
      this.#list.insertBefore(row, next ?? null);
    }
    if (focused) row.querySelector("a").focus({ preventScroll: true });
    this.#list.parentElement.querySelector("[data-no-chats]")?.remove();
  }

  #belongs(row, held) {
    if (held) return true;
    const archived = row.hasAttribute("data-archived");
    const show = this.#list.dataset.chatList;
    if (show === "unread") return Number(row.dataset.unreadCount) > 0;
    return (show === "archived") === archived && row.querySelector("time") !== null;
  }

  #remove(id) {
    this.#row(id)?.remove();
    this.#counts.delete(id);
    this.#total();
  }

  #count(row) {
    const muted = row.querySelector("[data-muted]") !== null;
    const unread = Number(row.dataset.unreadCount);
    this.#counts.set(row.dataset.conversationId, { unread, muted, version: Number(row.dataset.version) });
  }

  #total() {
    let total = 0;
    for (const { unread, muted } of this.#counts.values()) if (!muted) total += unread;
    const badge = document.querySelector("[data-unread-total]");
    badge.textContent = total || "";
    badge.hidden = total === 0;
    document.querySelector("[data-unread-words]").textContent = total ? `, ${total} unread` : "";
    document.title = total ? `(${total}) ${this.#title}` : this.#title;
  }
}

function key(row) {
  return (row.hasAttribute("data-pinned") ? "1" : "0") + (row.querySelector("time")?.dateTime ?? "");
}
