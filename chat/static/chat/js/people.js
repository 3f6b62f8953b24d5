// Who takes part, by id: {id, name, last_read_seq, last_delivered_seq}. Somebody unknown is looked up.

const MOST = 100;
const LOOK_UP_WAIT = 500;

export class People extends EventTarget {
  #known;
  #address;
  #timer = 0;
  #isWhole;

  // drawn: the page's <script type="application/json">.
  constructor(drawn, conversationId) {
    super();
    this.#known = new Map(JSON.parse(drawn.textContent).map((one) => [one.id, one]));
    this.#address = `/api/v1/conversations/${conversationId}/participants?limit=${MOST}`;
    this.#isWhole = this.#known.size <= MOST;
  }

  // Whether these are all who take part. In a crowd some are missing, and nothing can be said of everybody.
  get isWhole() {
    return this.#isWhole;
  }

  get(id) {
    return this.#known.get(id);
  }

  others(id) {
    return [...this.#known.values()].filter((one) => one.id !== id);
  }

  // Somebody came, went, or is not known yet.
  lookUp() {
    this.#timer ||= setTimeout(() => this.#fetch(), LOOK_UP_WAIT);
  }

  // Marks move forward only, whichever way they come.
  move(mark) {
    const one = this.#known.get(mark.user_id);
    if (one === undefined) {
      // In a crowd that is nothing special, and asking again would find no more.
      if (this.#isWhole) this.lookUp();
      return;
    }
    one.last_read_seq = Math.max(one.last_read_seq, mark.last_read_seq);
    one.last_delivered_seq = Math.max(one.last_delivered_seq, mark.last_delivered_seq);
  }

  async #fetch() {
    try {
      const answer = await fetch(this.#address);
      if (!answer.ok) return;
      const { results, next } = await answer.json();
      this.#isWhole = !next;
      const before = this.#known;
      if (this.#isWhole) this.#known = new Map(results.map(({ user, ...marks }) => [user.id, { id: user.id, name: user.name, ...marks }]));
      for (const one of before.values()) if (this.#known.has(one.id)) this.move({ user_id: one.id, ...one });
      this.dispatchEvent(new CustomEvent("change"));
    } catch {
      // Offline: the next receipt asks again.
    } finally {
      this.#timer = 0;
    }
  }
}
