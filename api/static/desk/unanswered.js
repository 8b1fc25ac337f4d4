// Keys of the unanswered inbox. Every one of them presses something that is on the page already;
// without this file the page works as it is. They can be switched off (WCAG 2.1.4).

const questions = [...document.querySelectorAll("[data-question]")];
const form = document.getElementById("decide");
const help = document.getElementById("keys");
const on = help.querySelector("[data-keys-on]");
const KEPT = "sahi-desk-keys";

help.hidden = false;
try {
  on.checked = localStorage.getItem(KEPT) !== "off";
  on.addEventListener("change", () => localStorage.setItem(KEPT, on.checked ? "on" : "off"));
} catch {
  // A browser that keeps nothing: the switch holds for this page.
}

const current = () => document.activeElement?.closest("[data-question]") ?? null;
const tick = (question) => question.querySelector("input[type=checkbox]");

function move(step) {
  if (!questions.length) return;
  const at = questions.indexOf(current());
  const next = at < 0 ? (step > 0 ? 0 : questions.length - 1) : at + step;
  questions[Math.max(0, Math.min(questions.length - 1, next))].focus();
}

function press(action) {
  const button = form?.querySelector(`button[value="${action}"]`);
  if (!button) return;
  if (!questions.some((question) => tick(question).checked)) {
    const question = current();
    if (!question) return;
    tick(question).checked = true;
  }
  form.requestSubmit(button);
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => {
    const question = current();
    if (question) tick(question).checked = !tick(question).checked;
  },
  a: () => press("attach"),
  o: () => press("out-of-scope"),
  d: () => press("dismiss"),
  n: () => current()?.querySelector("[data-new]")?.click(),
  u: () => document.querySelector("[data-undo]")?.click(),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => {
    help.open = !help.open;
    if (help.open) help.scrollIntoView({ block: "nearest" });
  },
};

document.addEventListener("keydown", (event) => {
  if (!on.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const inField = "input:not([type=checkbox]), textarea, select, [contenteditable]";
  if (event.target.closest?.(inField)) return;
  const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null;
  if (!act) return;
  event.preventDefault();
  act();
});
