// The page of the two phones: who holds them, what can be tried, which one is in front.

import { Chat, clock, randomId } from "./phone/chat.js";

const KEPT_AS = "sahi-phone-visitor";
const narrow = matchMedia("(max-width: 759px)");

function visitor() {
  const known = sessionStorage.getItem(KEPT_AS);
  return known ?? renew();
}

function renew() {
  const fresh = randomId();
  sessionStorage.setItem(KEPT_AS, fresh);
  return fresh;
}

const screens = [...document.querySelectorAll(".screen")];
const chats = new Map(screens.map((screen) => [screen.dataset.phone, new Chat(screen, visitor())]));

// On a wide page a suggestion goes to both phones, so that the two answers can be compared.
function reached() {
  if (!narrow.matches) return [...chats.values()];
  return [chats.get(document.body.dataset.front)];
}

for (const chip of document.querySelectorAll(".chip[data-kind]")) {
  chip.addEventListener("click", () => {
    const { kind, text = "" } = chip.dataset;
    for (const chat of reached()) {
      if (kind === "text" || chat.phone === "whatsapp") chat.say({ kind, text });
    }
  });
}

const choices = [...document.querySelectorAll(".switch button")];
for (const choice of choices) {
  choice.addEventListener("click", () => {
    document.body.dataset.front = choice.dataset.phone;
    chats.get(choice.dataset.phone).toEnd();
    for (const other of choices) other.setAttribute("aria-pressed", String(other === choice));
  });
}

const details = document.querySelector("#show-details");
details.addEventListener("change", () => {
  document.body.classList.toggle("details", details.checked);
});

document.querySelector("#new-person").addEventListener("click", async () => {
  const before = visitor();
  const after = renew();
  for (const chat of chats.values()) chat.restart(after);
  await fetch("/phone/reset", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ visitor: before }),
  }).catch(() => {}); // the new person has a new name in any case
});

function tellTime() {
  for (const shown of document.querySelectorAll(".status time")) shown.textContent = clock(Date.now());
}
tellTime();
setInterval(tellTime, 10_000);
