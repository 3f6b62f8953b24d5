// One WebSocket, kept open. Frames come out as events named by their type; "up" and "down" tell how it stands.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const OPENING_WAIT = 10_000;
const ACK_WAIT = 10_000;
const PROBE_WAIT = 4_000;
const SESSION_ENDED = 4401;
const FLOOD = 4429;

export class Refused extends Error {
  constructor(code, detail) {
    super(detail);
    this.code = code;
  }
}

export class Connection extends EventTarget {
  isReady = false;
  #url;
  #socket = null;
  #attempts = 0;
  #retry = 0;
  #deadline = 0;
  #heartbeat = 0;
  #beat = 20_000;
  #refs = new Map();
  #lastRef = 0;
  #known = () => ({});

  constructor(path) {
    super();
    this.#url = new URL(path, location.href);
    this.#url.protocol = this.#url.protocol.replace("http", "ws");
  }

  start() {
    addEventListener("online", () => this.tryNow());
    addEventListener("offline", () => this.#probe());
    addEventListener("pageshow", (event) => { if (event.persisted) this.tryNow(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.tryNow(); });
    this.#open();
  }

  on(type, listener) {
    this.addEventListener(type, (event) => listener(event.detail));
  }

  // What to resume from: a function that gives {conversation id: version known}.
  resumeFrom(known) {
    this.#known = known;
  }

  tryNow() {
    if (this.isReady) this.#probe();
    else if (this.#socket === null) this.#open();
  }

  // Fire and forget: false where the connection is down.
  send(frame) {
    if (!this.isReady) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  // Send a command and wait for its ack. Rejects with Refused; code "lost" means that nobody knows what became of it.
  request(frame) {
    return new Promise((resolve, reject) => {
      const ref = ++this.#lastRef;
      if (!this.send({ ...frame, ref })) {
        reject(new Refused("lost", "Not connected"));
        return;
      }
      const timer = setTimeout(() => {
        // A server that answers nothing is as good as gone; on a new connection the same id is sent again.
        this.#settle(ref, (waiting) => waiting.reject(new Refused("lost", "No answer")));
        this.#drop();
      }, ACK_WAIT);
      this.#refs.set(ref, { resolve, reject, timer });
    });
  }

  #open() {
    clearTimeout(this.#retry);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#expect(OPENING_WAIT);
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => this.#lost(code);
  }

  #receive(frame) {
    this.#expect(this.#beat * 2);
    if (frame.type === "ack") this.#settle(frame.ref, (waiting) => waiting.resolve(frame));
    else if (frame.type === "error" && frame.ref !== undefined) {
      this.#settle(frame.ref, (waiting) => waiting.reject(new Refused(frame.code, frame.detail)));
    } else if (frame.type === "ready") this.#begin(frame);
    else this.#tell(frame.type, frame);
  }

  #begin(frame) {
    this.isReady = true;
    this.#attempts = 0;
    this.#beat = (frame.heartbeat_seconds || 20) * 1000;
    this.#expect(this.#beat * 2);
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => this.send({ type: "ping" }), this.#beat);
    this.#tell("up", frame);
    this.request({ type: "resume", conversations: this.#known() }).then((ack) => this.#tell("resumed", ack), () => {});
  }

  // Silence until then means that the connection is dead, whatever the browser believes.
  #expect(milliseconds) {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#drop(), milliseconds);
  }

  #probe() {
    if (this.send({ type: "ping" })) this.#expect(PROBE_WAIT);
  }

  #drop() {
    const socket = this.#socket;
    if (socket === null) return;
    // Not waiting for the close handshake: on a dead network it takes a minute.
    socket.onmessage = socket.onclose = null;
    socket.close();
    this.#lost(1006);
  }

  #lost(code) {
    const wasReady = this.isReady;
    this.isReady = false;
    this.#socket = null;
    clearTimeout(this.#deadline);
    clearInterval(this.#heartbeat);
    for (const ref of [...this.#refs.keys()]) this.#settle(ref, (waiting) => waiting.reject(new Refused("lost", "Disconnected")));
    this.#tell("down", { code, wasReady });
    if (code === SESSION_ENDED && signIn()) return;
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempts++);
    const wait = code === FLOOD || code === SESSION_ENDED ? LONGEST_WAIT : longest * (0.5 + Math.random() / 2);
    this.#retry = setTimeout(() => this.#open(), wait);
  }

  #settle(ref, how) {
    const waiting = this.#refs.get(ref);
    if (waiting === undefined) return;
    this.#refs.delete(ref);
    clearTimeout(waiting.timer);
    how(waiting);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// Whoever signs out on this page is on the way out already, and the socket that ends with it must not lead elsewhere.
let leftAt = 0;
addEventListener("beforeunload", () => (leftAt = Date.now()));

// To the sign-in page and back here; but not in circles, should pages and the socket disagree about the session.
function signIn() {
  if (Date.now() - leftAt < 5_000) return false;
  try {
    const last = Number(sessionStorage.getItem("pulse.signed-out-at") ?? 0);
    if (Date.now() - last < 30_000) return false;
    sessionStorage.setItem("pulse.signed-out-at", String(Date.now()));
  } catch {
    // Nothing can be kept here, so nothing could stop the circles.
    return false;
  }
  location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
  return true;
}
