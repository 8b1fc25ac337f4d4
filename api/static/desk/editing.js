// What htmx cannot do for the editor: counters under the fingers, codes of phone numbers put in at
// the cursor, days filled in without a round trip, and nothing typed is ever lost. Without this
// file every button still works.

// htmx would set an empty `style` on what it swaps in, which our policy refuses.
window.htmx.config.attributesToSettle = ["class"];

const form = document.getElementById("editor");
const saved = document.getElementById("saved");

// --- counters: how much of the limit a line has used ------------------------------------------

for (const field of form.querySelectorAll("[data-limit]")) {
  const limit = Number(field.dataset.limit);
  const shown = document.createElement("small");
  shown.className = "count";
  shown.setAttribute("dir", "ltr");
  field.after(shown);
  const count = () => {
    shown.textContent = `${field.value.trim().length} / ${limit}`;
    shown.classList.toggle("fault", field.value.trim().length > limit);
  };
  field.addEventListener("input", count);
  count();
}

// --- phone numbers: their codes go where the cursor was last ----------------------------------

const numbers = document.getElementById("numbers");
let last = form.querySelector("[data-insert]");
form.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-insert]")) last = event.target;
});
for (const button of form.querySelectorAll("[data-code]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    numbers.open = false;
    last.focus();
    last.setRangeText(button.dataset.code, last.selectionStart, last.selectionEnd, "end");
    last.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
numbers.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  numbers.open = false;
  numbers.querySelector("summary").focus();
});

// --- days -------------------------------------------------------------------------------------

const checked = document.getElementById("checked");
const reviewBy = document.getElementById("review_by");
function fill(field, day) {
  field.value = day;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
for (const button of form.querySelectorAll("[data-days]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const day = checked.value ? new Date(`${checked.value}T00:00:00Z`) : new Date();
    day.setUTCDate(day.getUTCDate() + Number(button.dataset.days));
    fill(reviewBy, day.toISOString().slice(0, 10));
  });
}
form.querySelector("[data-today]")?.addEventListener("click", (event) => {
  event.preventDefault();
  fill(checked, event.currentTarget.dataset.today);
});

// The page shows every text as it will look all the time: no button is needed for that.
document.getElementById("preview-button").hidden = true;

// --- nothing typed is lost --------------------------------------------------------------------

let unsaved = false;
let saving = false;
let waiting = null; // the button that was pressed while an autosave was under way
let loggedOut = false;

form.addEventListener("input", () => {
  unsaved = true;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

// By its path: the answer may have taken the element away that sent it.
const isAutosave = (event) => event.detail.pathInfo?.requestPath.endsWith("/autosave");

form.addEventListener("htmx:beforeRequest", (event) => {
  if (isAutosave(event)) saving = true;
});
form.addEventListener("htmx:afterRequest", (event) => {
  if (!isAutosave(event)) return;
  saving = false;
  if (event.detail.successful && !saved.querySelector(".stopped")) unsaved = false;
  if (waiting) {
    const button = waiting;
    waiting = null;
    form.requestSubmit(button);
  }
});

// A log-in that ran out: htmx would leave the page, and with it what was typed.
form.addEventListener("htmx:beforeOnLoad", (event) => {
  const status = event.detail.xhr.status;
  if (status !== 401 && status !== 403) return;
  event.preventDefault();
  if (!isAutosave(event)) return;
  loggedOut = true;
  say("logged-out");
});
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  form.addEventListener(failure, (event) => {
    if (isAutosave(event) && !loggedOut) say("offline");
  });
}

function say(what) {
  saved.replaceChildren(document.getElementById(`say-${what}`).content.cloneNode(true));
}

form.addEventListener("submit", (event) => {
  if (saving) {
    // The version it is about to bring belongs into what is sent.
    event.preventDefault();
    waiting = event.submitter;
    return;
  }
  if (loggedOut) {
    event.preventDefault();
    logInAgain(event.submitter);
    return;
  }
  unsaved = false;
});

// Somebody logged in again in another tab: this form takes over the token of that session.
async function logInAgain(button) {
  const answer = await fetch(location.pathname, { redirect: "manual" });
  if (!answer.ok) return say("logged-out");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#editor [name=token]").value;
  for (const field of document.querySelectorAll("[name=token]")) field.value = fresh;
  document.body.setAttribute("hx-headers", page.body.getAttribute("hx-headers"));
  loggedOut = false;
  form.requestSubmit(button);
}
