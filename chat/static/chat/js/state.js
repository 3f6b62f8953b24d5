// How one conversation never misses anything. Whole messages go in by id, whenever they come; the known version moves
// by live events only when they are the next one, and to what `changes` and `caught_up` state. A gap is healed by asking.

const SETTLE = 300;
const RESUME_WAIT = 10_000;
const AGAIN = 3_000;

export class ConversationState {
  #id;
  #log;
  #ahead = new Set();
  #healing = false;
  #again = false;
  #isLost = false;
  #resuming = false;
  #resumedFrom = 0;
  #timer = 0;
  #patience = 0;
  #retry = 0;

  // log: put(article), hide(ids), cutOff(), and startOver(), which puts the newest page in the place of all that is
  // there and promises the version that page holds.
  constructor(id, version, connection, log) {
    this.#id = id;
    this.version = version;
    this.#log = log;
    connection.on("up", () => this.#beginResume());
    connection.on("resumed", ({ conversations }) => this.#resumed(conversations[id]));
    connection.on("caught_up", (frame) => this.#mine(frame) && this.#caughtUp(frame));
    connection.on("reset", (frame) => this.#mine(frame) && this.#reset());
    connection.on("message.created", (frame) => this.#mine(frame) && this.#message(frame));
    connection.on("message.updated", (frame) => this.#mine(frame) && this.#message(frame));
    connection.on("conversation.changed", (frame) => this.#mine(frame) && this.#advance(frame.version));
    connection.on("heads", ({ conversations }) => this.expect(conversations[id] ?? 0));
  }

  // The server is known to be at this version, so its events should have come.
  expect(version) {
    if (version <= this.version || this.#resuming) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { if (version > this.version) this.heal(); }, SETTLE);
  }

  async heal() {
    if (this.#healing) {
      this.#again = true;
      return;
    }
    this.#healing = true;
    clearTimeout(this.#retry);
    try {
      do {
        this.#again = false;
        if (this.#isLost) await this.#startOver();
        await this.#fetchChanges();
      } while (this.#again || this.#isLost);
    } catch {
      // Offline, or the server is away: resume heals when the connection is back, and this in case it never went.
      this.#retry = setTimeout(() => this.heal(), AGAIN);
    } finally {
      this.#healing = false;
    }
  }

  async #fetchChanges() {
    for (let more = true; more;) {
      const answer = await fetch(`/chats/${this.#id}/changes?since=${this.version}`);
      if (answer.status === 409) return this.#lose();
      if (answer.status === 404) return location.assign("/");
      if (!answer.ok) throw new Error(`changes: ${answer.status}`);
      const html = await answer.text();
      for (const article of articlesIn(html)) this.#log.put(article);
      this.#log.hide(hiddenIn(html));
      this.#reached(Number(answer.headers.get("Pulse-Version")));
      more = answer.headers.get("Pulse-More") === "1";
    }
  }

  #mine(frame) {
    return frame.conversation_id === this.#id;
  }

  #message(frame) {
    const [article] = articlesIn(frame.html ?? "");
    // One that could not be drawn for the socket is a gap like any other: it is asked for.
    if (!article) return this.expect(frame.version);
    this.#log.put(article);
    this.#advance(frame.version);
  }

  #advance(version) {
    if (version <= this.version) return;
    this.#ahead.add(version);
    while (this.#ahead.delete(this.version + 1)) this.version += 1;
    this.expect(Math.max(0, ...this.#ahead));
  }

  #reached(version) {
    this.version = Math.max(this.version, version);
    for (const ahead of this.#ahead) if (ahead <= this.version) this.#ahead.delete(ahead);
    while (this.#ahead.delete(this.version + 1)) this.version += 1;
  }

  // While the server sends what was missed, versions skip: each message comes once, as it now is.
  #beginResume() {
    this.#resuming = true;
    this.#resumedFrom = this.version;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#endResume(true), RESUME_WAIT);
  }

  #resumed(head) {
    if (head === undefined) return location.reload();
    // Anything else is followed by what was missed, or by a reset.
    if (head.version === this.#resumedFrom) this.#endResume(false);
  }

  #caughtUp(frame) {
    this.#log.hide(frame.hidden ?? []);
    this.#reached(frame.version);
    this.#endResume(this.#ahead.size > 0);
  }

  #endResume(heal) {
    if (!this.#resuming) return;
    this.#resuming = false;
    clearTimeout(this.#patience);
    if (heal) this.heal();
    else this.expect(Math.max(0, ...this.#ahead));
  }

  #reset() {
    this.#lose();
    this.#endResume(false);
    this.heal();
  }

  // What is here can't be brought up to date. Until the newest page is in, the version stays what it was.
  #lose() {
    this.#isLost = true;
    this.#log.cutOff();
  }

  // The page's version was read before its messages, so what came in between is among the changes after it. The
  // version may be lower than it was: a server that was restored counts on from its backup.
  async #startOver() {
    const version = await this.#log.startOver();
    this.#isLost = false;
    this.#ahead.clear();
    this.version = version;
  }
}

// The messages of a fragment, detached. The fragment is our own server's, escaped there; nothing in it runs.
export function articlesIn(html) {
  return [...parsed(html).querySelectorAll("article[data-message-id]")].map((article) => document.adoptNode(article));
}

function hiddenIn(html) {
  return [...parsed(html).querySelectorAll("[data-hidden-id]")].map((one) => one.dataset.hiddenId);
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}
