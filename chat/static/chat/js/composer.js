// Writing: Enter sends where there is a keyboard, a quote above what is written, and "is typing" for the others.
import { fillQuote } from "./quote.js";
import { seqOf } from "./log.js";

const TYPING_EVERY = 3_000;
const TYPING_ENDS = 5_000;
const EXCERPT = 140;

export class Composer {
  #form;
  #field;
  #quoteBox;
  #quote = null;
  #connection;
  #id;
  #submit;
  #typingAt = 0;
  #typingTimer = 0;

  constructor(form, connection, conversationId, submit) {
    this.#form = form;
    this.#field = form.elements.namedItem("content");
    this.#quoteBox = form.querySelector(".composer-quote");
    this.#connection = connection;
    this.#id = conversationId;
    this.#submit = submit;
    // An empty message is simply not sent; no bubble of the browser's needs to say so.
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#field.addEventListener("input", () => this.#written());
    form.querySelector("[data-no-reply]").addEventListener("click", (event) => {
      event.preventDefault();
      this.leaveReply();
    });
    // Drawn by the server, for ?reply_to=.
    if (!this.#quoteBox.hidden) this.#quote = this.#drawnQuote();
    if (hasKeyboard()) this.#field.focus({ preventScroll: true });
    this.#grow();
  }

  reply(article) {
    const text = article.querySelector(".text")?.innerText ?? article.querySelector(".file b")?.textContent ?? "";
    this.#quote = {
      id: article.dataset.messageId,
      seq: seqOf(article),
      hue: article.querySelector(".sender").dataset.hue,
      name: article.querySelector(".sender").textContent,
      excerpt: text.replace(/\s+/g, " ").trim().slice(0, EXCERPT),
    };
    fillQuote(this.#quoteBox.querySelector(".quote"), this.#quote);
    this.#form.elements.namedItem("reply_to").value = this.#quote.id;
    this.#quoteBox.hidden = false;
    this.#field.focus();
  }

  leaveReply() {
    this.#quote = null;
    this.#quoteBox.hidden = true;
    this.#form.elements.namedItem("reply_to").value = "";
    this.#field.focus();
  }

  #send() {
    const content = this.#field.value;
    if (!content.trim()) return;
    const quote = this.#quote;
    // First it is in the outbox, then out of the field.
    this.#submit(content, quote);
    this.#field.value = "";
    if (quote) this.leaveReply();
    this.#grow();
    this.#typing(false);
    this.#form.querySelector("#send-error")?.remove();
    this.#field.focus();
  }

  #key(event) {
    // 229: Safari tells of a key that ends a composition only so.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && hasKeyboard()) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "Escape" && this.#quote) {
      event.preventDefault();
      this.leaveReply();
    }
  }

  #written() {
    this.#grow();
    this.#typing(this.#field.value.trim() !== "");
  }

  #typing(active) {
    clearTimeout(this.#typingTimer);
    const now = Date.now();
    if (active) {
      this.#typingTimer = setTimeout(() => this.#typing(false), TYPING_ENDS);
      if (now - this.#typingAt < TYPING_EVERY) return;
      this.#typingAt = now;
    } else {
      if (this.#typingAt === 0) return;
      this.#typingAt = 0;
    }
    this.#connection.send({ type: "typing", conversation_id: this.#id, active });
  }

  // For browsers without `field-sizing: content`.
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#field.style.blockSize = "auto";
    this.#field.style.blockSize = `${this.#field.scrollHeight}px`;
  }

  #drawnQuote() {
    const link = this.#quoteBox.querySelector(".quote");
    return {
      id: this.#form.elements.namedItem("reply_to").value,
      seq: Number(link.dataset.toSeq),
      hue: link.dataset.hue,
      name: link.querySelector("bdi").textContent,
      excerpt: link.querySelector("span").textContent,
    };
  }
}

function hasKeyboard() {
  return !matchMedia("(pointer: coarse)").matches;
}
