// From the text of a message to nodes: *bold* and _italic_ where the phone knows them, web
// addresses and phone numbers as links. Never through innerHTML: a message is only ever text.

const MARKS = [
  { tag: "strong", at: /(?<![\p{L}\p{N}_])\*(\S(?:[^*\n]*\S)?)\*(?![\p{L}\p{N}_])/u },
  { tag: "em", at: /(?<![\p{L}\p{N}_])_(\S(?:[^_\n]*\S)?)_(?![\p{L}\p{N}_])/u },
];

// Bare addresses only under these endings: "theek.hai" is no web page.
const ENDINGS = "pk|com|org|net|gov|edu|int|info|eu|uk|de|it|es|gr|ae|sa|qa|om|tr";
const WEB = String.raw`(?:https?://[^\s]+|(?:[a-z0-9-]+\.)+(?:${ENDINGS})(?![a-z0-9-])(?:/[^\s]*)?)`;
// A number to dial begins with + or 0, or with 111 as Pakistan's offices do; a year, a price
// or a date does not.
const DIAL = String.raw`(?<![\d.,/-])(?:\+\d|0\d|111-)[\d -]{5,14}\d(?![\d,]*\d)`;
const LINK = new RegExp(`${WEB}|${DIAL}`, "giu");
const TRAILING = /[.,;:!?)\]'"\u060c\u061b\u061f\u06d4]+$/u;

/** Nodes for a text. `marks`: whether stars and underscores mean something here. */
export function richText(text, { marks }) {
  for (const { tag, at } of marks ? MARKS : []) {
    const found = at.exec(text);
    if (!found) continue;
    const marked = document.createElement(tag);
    marked.append(...richText(found[1], { marks }));
    return [
      ...richText(text.slice(0, found.index), { marks }),
      marked,
      ...richText(text.slice(found.index + found[0].length), { marks }),
    ];
  }
  return linked(text);
}

function linked(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = match[0].replace(TRAILING, "");
    nodes.push(text.slice(end, match.index), link(shown));
    end = match.index + shown.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

function link(shown) {
  const anchor = document.createElement("a");
  anchor.textContent = shown;
  if (/^[+\d]/.test(shown) && !/[a-z]/i.test(shown)) {
    anchor.href = `tel:${shown.replace(/[^+\d]/g, "")}`;
  } else {
    anchor.href = /^https?:/i.test(shown) ? shown : `https://${shown}`;
    anchor.target = "_blank";
    anchor.rel = "noopener noreferrer";
  }
  return anchor;
}

/** Whether most letters of a text are of the Arabic script. */
export function isUrdu(text) {
  const arabic = text.match(/\p{Script=Arabic}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return arabic > latin;
}
