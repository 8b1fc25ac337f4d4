// One message on the screen: made once, then only its ticks and labels change.

import { choices } from "./choices.js";
import { isUrdu, richText } from "./rich-text.js";

const SVG = "http://www.w3.org/2000/svg";
const TICK = "M1.5 6.5 4.5 9.5 10 2.5";
const SECOND = "M7.5 9.2 7.8 9.5 13.3 2.5";
const CLOCK = "M7.5 1.5a5 5 0 1 0 0 10a5 5 0 1 0 0-10ZM7.5 3.7v3l2 1.2";
const WORDS = {
  sending: "Sending",
  queued: "Waiting",
  sent: "Sent",
  delivered: "Delivered",
  read: "Read",
  failed: "Not delivered",
  undelivered: "Not delivered",
};
const PATHS = {
  sending: [CLOCK],
  queued: [CLOCK],
  sent: [TICK],
  delivered: [TICK, SECOND],
  read: [TICK, SECOND],
};
const LANGUAGES = { en: "English", ur: "Urdu", "ur-Latn": "Roman Urdu" };
// Loudness of the sample voice note.
const WAVE = [3, 6, 10, 7, 13, 16, 9, 12, 18, 14, 8, 11, 15, 7, 5, 9, 13, 6, 10, 4, 7, 3];

export class Bubble {
  /** `phone` is "whatsapp" or "sms"; `message` as the service lists it. */
  constructor(phone, message) {
    this.phone = phone;
    this.id = message.id;
    this.message = message;
    this.element = element("li", `bubble ${message.from === "person" ? "own" : "theirs"}`);
    this.element.append(said(message), ...content(phone, message));
    this.labels = element("div", "labels");
    this.labels.setAttribute("aria-live", "off");
    this.element.append(this.labels);
    this.update(message);
  }

  update(message) {
    const before = this.message;
    this.message = message;
    this.element.classList.toggle("gone", message.kept === false);
    const same = ["state", "kept", "topic", "language"].every((key) => before[key] === message[key]);
    if (this.meta && same) return;
    this.meta?.remove();
    this.meta = meta(this.phone, message);
    this.element.querySelector(".line").append(this.meta);
    this.labels.replaceChildren(...labels(message));
  }
}

function said(message) {
  const who = element("span", "for-readers");
  who.textContent = message.from === "person" ? "You: " : "Sahi Rasta: ";
  return who;
}

function content(phone, message) {
  const written = ["text", "choice"].includes(message.kind);
  const line = element("div", written ? "line" : "line stacked");
  if (message.audio) line.append(recording(message.audio));
  else if (message.kind === "voice") line.append(voice());
  else if (message.kind === "location") line.append(place());
  else {
    const text = element("p", "text");
    text.dir = "auto";
    if (isUrdu(message.text)) {
      text.lang = "ur";
      text.classList.add("nastaliq");
    } else {
      text.lang = message.language === "ur-Latn" ? "ur-Latn" : "en";
    }
    text.append(...richText(message.text, { marks: phone === "whatsapp" }));
    line.append(text);
  }
  const below = choices(message);
  return below ? [line, below] : [line];
}

function recording(address) {
  const player = element("audio", "recording");
  player.controls = true;
  player.preload = "none";
  player.src = address;
  player.setAttribute("aria-label", "Recorded answer");
  return player;
}

function voice() {
  const note = element("div", "voice");
  const wave = shape("svg", { viewBox: "0 0 132 24", width: 132, height: 24, "aria-hidden": true });
  WAVE.forEach((height, index) => {
    const at = { x: index * 6, y: 12 - height / 2, width: 3, height, rx: 1.5 };
    wave.append(shape("rect", at));
  });
  const play = shape("svg", { viewBox: "0 0 24 24", width: 26, height: 26, "aria-hidden": true });
  play.append(shape("path", { d: "M8 5.5v13l11-6.5z" }));
  const length = element("span", "length");
  length.textContent = "0:07";
  const words = element("span", "for-readers");
  words.textContent = "Voice note, 7 seconds";
  note.append(play, wave, length, words);
  return note;
}

function place() {
  const map = element("div", "place");
  map.setAttribute("role", "img");
  map.setAttribute("aria-label", "Shared location");
  return map;
}

function meta(phone, message) {
  const row = element("span", "meta");
  // Ticks change under old messages; a screen reader need not say each one.
  row.setAttribute("aria-live", "off");
  if (message.segments) row.append(cost(message));
  const time = element("time", "");
  time.dateTime = message.at;
  time.textContent = clock(message.at);
  row.append(time);
  if (message.state === "unsent") row.append(retry());
  else if (phone === "sms" || !PATHS[message.state]) row.append(stateWord(phone, message));
  else row.append(ticks(message.state));
  return row;
}

function cost(message) {
  const span = element("span", "cost");
  span.textContent = `${message.segments} SMS · ${message.encoding} · ${message.units}/${message.room}`;
  return span;
}

function retry() {
  const button = element("button", "retry");
  button.type = "button";
  button.textContent = "Not sent. Try again";
  return button;
}

function stateWord(phone, message) {
  const span = element("span", `state ${message.state}`);
  // An SMS never says that it was read.
  const state = phone === "sms" && message.state === "read" ? "delivered" : message.state;
  span.textContent = WORDS[state];
  return span;
}

function ticks(state) {
  const icon = shape("svg", {
    viewBox: "0 0 15 12",
    width: 17,
    height: 13.6,
    class: `ticks ${state}`,
    role: "img",
    "aria-label": WORDS[state],
  });
  icon.append(...PATHS[state].map((d) => shape("path", { d })));
  return icon;
}

function labels(message) {
  const parts = [];
  if (message.kept === false) parts.push(label("erased", "Deleted: only this phone still has it"));
  const names = [message.topic, LANGUAGES[message.language]].filter(Boolean);
  if (names.length) parts.push(label("understood", names.join(" · ")));
  return parts;
}

function label(kind, text) {
  const span = element("span", kind);
  span.textContent = text;
  return span;
}

export function clock(moment) {
  return new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

function element(tag, classes) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  return made;
}

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
