// What can be tapped below a message: two or three buttons, or a list that opens.

import { isUrdu } from "./rich-text.js";

const MOST_BUTTONS = 3;
const BUTTON_LENGTH = 20;

/** The element with the choices of a message, null where there are none. */
export function choices(message) {
  if (!message.choices?.length) return null;
  const buttons =
    message.choices.length <= MOST_BUTTONS &&
    message.choices.every(({ title }) => title.length <= BUTTON_LENGTH);
  return buttons ? asButtons(message) : asList(message);
}

function asButtons(message) {
  const group = element("div", "choices");
  group.append(...message.choices.map((choice) => tap(choice, false)));
  return group;
}

function asList(message) {
  const list = element("details", "choices");
  const summary = words("summary", message.button || "1 · 2 · 3");
  const rows = element("div", "rows");
  rows.append(...message.choices.map((choice) => tap(choice, true)));
  list.append(summary, rows);
  return list;
}

function tap(choice, row) {
  const button = element("button", "choice");
  button.type = "button";
  button.dataset.choice = choice.id;
  button.dataset.title = choice.title;
  button.append(words("span", choice.title));
  if (row && choice.description) {
    const more = words("span", choice.description);
    more.classList.add("more");
    button.append(more);
  }
  return button;
}

function words(tag, text) {
  const made = element(tag, isUrdu(text) ? "nastaliq" : "");
  made.dir = "auto";
  if (isUrdu(text)) made.lang = "ur";
  made.textContent = text;
  return made;
}

function element(tag, classes) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  return made;
}
