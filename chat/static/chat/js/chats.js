// The chat list and the counts: rows are drawn by the server, fetched anew when something moved them.

const ROWS_WAIT = 150;
const DELIVERED_WAIT = 300;
// Far from a flood, in several tabs at once too: the server ends a connection above 50 frames a second.
const DELIVERED_AGAIN = 1_000;
const MOST_DELIVERED = 20;
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
  #deliverTimer = 0;
  #heads = null;
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

  // A row that is not here is wanted if something is unread there, or moved since the last time: most of a long list's
  // lie beyond its first page, and need not be.
  #resumed(conversations) {
    for (const [id, head] of Object.entries(conversations)) {
      const known = this.#counts.get(id);
      const before = this.#heads === null ? head : this.#heads[id];
      const same = known ? known.version >= head.version && known.unread === head.unread_count : !head.unread_count && before?.version === head.version;
      if (!same) this.#want(id);
      if (head.last_seq > head.last_read_seq) this.#reached(id, head.last_seq);
    }
    this.#heads = conversations;
    for (const row of this.#rows()) if (!conversations[row.dataset.conversationId]) this.#remove(row.dataset.conversationId);
  }

  // Tell that messages came as far as this device.
  #reached(id, seq) {
    this.#delivered.set(id, Math.max(seq, this.#delivered.get(id) ?? 0));
    this.#deliverTimer ||= setTimeout(() => this.#deliver(), DELIVERED_WAIT);
  }

  #deliver() {
    // Offline: the resume after it names them all again.
    if (!this.#connection.isReady) this.#delivered.clear();
    for (const [id, seq] of [...this.#delivered].slice(0, MOST_DELIVERED)) {
      this.#connection.send({ type: "delivered", conversation_id: id, seq });
      this.#delivered.delete(id);
    }
    this.#deliverTimer = this.#delivered.size ? setTimeout(() => this.#deliver(), DELIVERED_AGAIN) : 0;
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
    const quiet = row.hasAttribute("data-archived") || row.querySelector("[data-muted]") !== null;
    const unread = Number(row.dataset.unreadCount);
    this.#counts.set(row.dataset.conversationId, { unread, quiet, version: Number(row.dataset.version) });
  }

  #total() {
    let total = 0;
    for (const { unread, quiet } of this.#counts.values()) if (!quiet) total += unread;
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
