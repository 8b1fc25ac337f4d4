// The chat on one phone: sends what is typed, asks for news twice a second, keeps its place.

import { Bubble, clock } from "./bubble.js";
import { measure } from "./segments.js";

const ASK_EVERY = 500;
const ASK_EVERY_WHEN_HIDDEN = 4000;
const GIVE_UP_AFTER = 8000;

export class Chat {
  constructor(screen, visitor) {
    this.phone = screen.dataset.phone;
    this.visitor = visitor;
    this.log = screen.querySelector(".log");
    this.list = screen.querySelector(".bubbles");
    this.typing = screen.querySelector(".typing");
    this.presence = screen.querySelector(".presence");
    this.form = screen.querySelector("form");
    this.field = this.form.querySelector("textarea");
    this.counter = this.form.querySelector(".counter");
    this.total = screen.querySelector(".total");
    this.bubbles = new Map();
    this.unsent = new Map();
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => {
      this.#retry(event);
      this.#tap(event);
    });
    this.#typed();
    this.#ask();
  }

  /** Send a text, or a sample of another kind. */
  say({ text = "", kind = "text", choice = "" }) {
    const id = randomId();
    const cost = this.phone === "sms" ? measure(text) : {};
    const at = new Date().toISOString();
    const message = { id, from: "person", kind, text, choice, state: "sending", at, ...cost };
    this.unsent.set(id, message);
    this.#show(message);
    this.toEnd();
    this.#post(message);
  }

  /** Another person picks up the phone. */
  restart(visitor) {
    this.visitor = visitor;
    this.known = undefined;
    this.bubbles.clear();
    this.unsent.clear();
    this.list.replaceChildren();
    this.#settle([]);
  }

  async #post(message) {
    const { id, kind, text, choice } = message;
    try {
      const answer = await fetch("/phone/messages", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ phone: this.phone, visitor: this.visitor, id, kind, text, choice }),
        signal: AbortSignal.timeout(GIVE_UP_AFTER),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      if (this.unsent.has(id)) this.#await(true);
      this.#mark(id, "sent");
    } catch {
      this.#mark(id, "unsent");
    }
  }

  #mark(id, state) {
    const message = this.unsent.get(id);
    if (!message) return;
    this.unsent.set(id, { ...message, state });
    this.bubbles.get(id)?.update(this.unsent.get(id));
  }

  #retry(event) {
    const bubble = event.target.closest(".retry")?.closest(".bubble");
    const message = bubble && this.unsent.get(bubble.dataset.id);
    if (!message) return;
    this.#mark(message.id, "sending");
    this.#post(message);
  }

  // What is on a button comes back as a message of the person, as on a phone.
  #tap(event) {
    const button = event.target.closest(".choice");
    if (!button) return;
    button.closest("details")?.removeAttribute("open");
    this.say({ kind: "choice", text: button.dataset.title, choice: button.dataset.choice });
  }

  async #ask() {
    const visitor = this.visitor;
    try {
      const query = new URLSearchParams({ phone: this.phone, visitor });
      const headers = this.known ? { "If-None-Match": this.known } : {};
      const answer = await fetch(`/phone/messages?${query}`, {
        headers,
        cache: "no-store",
        signal: AbortSignal.timeout(GIVE_UP_AFTER),
      });
      if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
      const news = answer.status === 304 ? null : await answer.json();
      this.#connected(true);
      if (news && visitor === this.visitor) {
        this.known = answer.headers.get("ETag") ?? undefined;
        this.#settle(news);
      }
    } catch {
      this.#connected(false);
    }
    setTimeout(() => this.#ask(), document.hidden ? ASK_EVERY_WHEN_HIDDEN : ASK_EVERY);
  }

  #connected(yes) {
    this.offline = !yes;
    this.log.closest(".screen").classList.toggle("offline", !yes);
    this.#sayPresence();
  }

  /** Bring the screen to what the service lists; what it has not taken yet stays at the end. */
  #settle(messages) {
    const atEnd = this.#isAtEnd();
    const opening = this.bubbles.size === 0;
    const listed = new Set(messages.map((message) => message.id));
    let fresh;
    for (const message of messages) {
      this.unsent.delete(message.id);
      if (this.#show(message)) fresh ??= this.bubbles.get(message.id).element;
    }
    for (const [id, bubble] of this.bubbles) {
      if (listed.has(id) || this.unsent.has(id)) continue;
      bubble.element.remove();
      this.bubbles.delete(id);
    }
    this.#order([...messages.map((message) => message.id), ...this.unsent.keys()]);
    const unanswered = ["sent", "delivered"];
    this.#await(messages.some(({ from, state }) => from === "person" && unanswered.includes(state)));
    this.#count(messages);
    this.log.classList.toggle("empty", this.bubbles.size === 0);
    if (atEnd && (fresh || this.waiting)) this.toEnd(opening ? null : fresh);
  }

  #show(message) {
    const known = this.bubbles.get(message.id);
    if (known) {
      known.update(message);
      return false;
    }
    const bubble = new Bubble(this.phone, message);
    bubble.element.dataset.id = message.id;
    this.bubbles.set(message.id, bubble);
    this.list.append(bubble.element);
    this.log.classList.remove("empty");
    return true;
  }

  // Moving a node makes screen readers say it again, so only what is out of place moves.
  #order(ids) {
    let place = this.list.firstElementChild;
    for (const id of ids) {
      const { element } = this.bubbles.get(id);
      if (element === place) place = place.nextElementSibling;
      else this.list.insertBefore(element, place);
    }
  }

  #await(waiting) {
    const atEnd = this.#isAtEnd();
    this.waiting = waiting;
    this.typing.hidden = !waiting;
    this.#sayPresence();
    if (waiting && atEnd) this.toEnd();
  }

  #sayPresence() {
    if (this.offline) this.presence.textContent = "no connection";
    else this.presence.textContent = this.presence.dataset[this.waiting ? "waiting" : "usual"];
  }

  #count(messages) {
    if (!this.total) return;
    const parts = messages
      .filter(({ from }) => from === "bot")
      .reduce((sum, { segments }) => sum + segments, 0);
    this.total.textContent = `${parts} SMS`;
  }

  #isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
  }

  // To the end, but never past the beginning of what has just come: it is read from there,
  // with the question above it unless that is long.
  toEnd(fresh) {
    const { log } = this;
    const end = log.scrollHeight - log.clientHeight;
    const question = fresh?.previousElementSibling;
    const first = question && question.offsetHeight < log.clientHeight / 4 ? question : fresh;
    log.scrollTop = first ? Math.min(end, first.offsetTop - log.offsetTop - 12) : end;
  }

  #submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (text) this.say({ text });
    this.field.value = "";
    this.#typed();
    this.field.focus();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  #typed() {
    const { field } = this;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    field.classList.toggle("nastaliq", /\p{Script=Arabic}/u.test(field.value));
    this.form.classList.toggle("blank", !field.value.trim());
    if (!this.counter) return;
    const { encoding, units, segments, room } = measure(field.value.trim());
    this.counter.dataset.encoding = encoding;
    this.counter.textContent = field.value.trim()
      ? `${segments} SMS · ${encoding} · ${units}/${room}`
      : "0 SMS";
  }
}

/** 128 random bits as text. `crypto.randomUUID` exists only on secure pages. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export { clock };
