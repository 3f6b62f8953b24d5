// Passkeys: a form whose button asks the browser for one, or makes one. The server says whether it is right.

const REARM_AFTER = 4 * 60_000; // before the challenge ends, which lives five minutes
const WORDS = {
  NotAllowedError: "No passkey was used. Try again when you’re ready.",
  InvalidStateError: "This device has a passkey for you already.",
  NotSupportedError: "This device can’t keep a passkey that asks for you.",
  SecurityError: "Passkeys don’t work at this address.",
};

const bytesOf = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const textOf = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const listed = (credentials = []) => credentials.map((one) => ({ ...one, id: bytesOf(one.id) }));

class Refused extends Error {}

async function post(url, token, body) {
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Refused("The server can’t be reached. Try again in a moment.");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(said.detail ?? "That didn’t work. Reload the page and try again.");
  return said;
}

// What a browser answers, as JSON. Its own toJSON is newer than passkeys are.
function shown(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const encoded = parts.filter((part) => response[part]).map((part) => [part, textOf(response[part])]);
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    response: { ...Object.fromEntries(encoded), ...(response.getTransports ? { transports: response.getTransports() } : {}) },
  };
}

class PasskeyForm {
  #form;
  #button;
  #waiting = null; // what the browser is being asked: it takes one question at a time

  constructor(form) {
    this.#form = form;
    this.#button = form.querySelector("[data-passkey-button]");
    form.hidden = this.#button.hidden = false;
    const note = form.querySelector("[data-passkey-note]");
    if (note) note.hidden = true;
    if (form.dataset.passkeyCreate) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#busy(() => this.#create());
      });
    } else {
      this.#button.addEventListener("click", () => this.#busy(() => this.#get()));
      if ("conditional" in form.dataset) this.#offer();
    }
  }

  get #token() {
    return this.#form.elements.csrfmiddlewaretoken.value;
  }

  async #busy(work) {
    this.#button.disabled = true;
    this.#say("");
    try {
      await work();
    } catch (error) {
      this.#say(error instanceof Refused ? error.message : (WORDS[error.name] ?? "That didn’t work. Try again."));
    } finally {
      this.#button.disabled = false;
    }
  }

  #say(text) {
    const place = this.#form.querySelector("[data-passkey-error]");
    place.querySelector(".text").textContent = text;
    place.hidden = !text;
  }

  async #create() {
    const url = this.#form.dataset.passkeyCreate;
    const { name, password } = this.#form.elements;
    const { options } = await post(`${url}/options`, this.#token, { password: password.value });
    const credential = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytesOf(options.challenge),
        user: { ...options.user, id: bytesOf(options.user.id) },
        excludeCredentials: listed(options.excludeCredentials),
      },
    });
    await post(url, this.#token, { credential: shown(credential), name: name.value });
    location.assign(this.#form.dataset.done);
  }

  async #get(extra = {}) {
    this.#waiting?.abort();
    const question = (this.#waiting = new AbortController());
    const { options } = await post(this.#form.dataset.passkeyGet, this.#token, {});
    // Another was asked while the server answered.
    if (question.signal.aborted) return;
    const credential = await navigator.credentials.get({
      publicKey: { ...options, challenge: bytesOf(options.challenge), allowCredentials: listed(options.allowCredentials) },
      signal: question.signal,
      ...extra,
    });
    this.#form.elements.credential.value = JSON.stringify(shown(credential));
    this.#form.submit();
  }

  // The browser shows passkeys among what it would fill into the address, where it can.
  async #offer() {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    const ask = () => this.#get({ mediation: "conditional" }).catch(() => {});
    ask();
    setInterval(() => {
      if (!this.#button.disabled && !document.hidden) ask();
    }, REARM_AFTER);
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("[data-passkey-get], [data-passkey-create]")) {
    if (form.querySelector("[data-passkey-button]")) new PasskeyForm(form);
  }
}
